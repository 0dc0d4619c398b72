"""The jobs: one plain job per file, callable and testable without Prefect."""
