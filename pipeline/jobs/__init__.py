"""The jobs, callable and testable without Prefect; those of one subject share a file."""
