"""The bench cases, one file each."""
