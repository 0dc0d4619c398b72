"""One adapter a framework; each imports its framework only when a worker child starts it."""
