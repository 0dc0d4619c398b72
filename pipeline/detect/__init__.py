"""Evidence of frameworks in texts and code: rules as data, documents and archives read safely, one outcome per file."""
