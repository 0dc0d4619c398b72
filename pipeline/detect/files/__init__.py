"""Files, archives and folders: what is scanned, and scanning it."""
