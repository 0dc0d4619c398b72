"""Loggers of the library: named `observatory.<part>`, silent until a program configures them."""

import logging


def logger(part: str) -> logging.Logger:
    """Return the logger of one part of the pipeline, e.g. `logger("warehouse")`."""
    return logging.getLogger(f"observatory.{part}")
