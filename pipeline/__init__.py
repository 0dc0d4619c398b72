"""Framework Observatory: from public sources and local measurements to views, charts and a page."""
