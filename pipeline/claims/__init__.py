"""Statements about the evidence, worded from the views."""
