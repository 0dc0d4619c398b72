"""The `observatory` command."""
