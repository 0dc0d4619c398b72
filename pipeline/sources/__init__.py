"""Public services, one file each."""
