"""DuckDB: migrations, loads, views, checks and the published copy."""
