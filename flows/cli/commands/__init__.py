"""One file per command; each imports what it needs when it runs, so that the command line starts at once."""
