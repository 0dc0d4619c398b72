"""The bench cases, one file for each kind."""
