"""Flows and the `observatory` command; the only place that knows Prefect."""
