"""Charts: one file each; they draw a frame and calculate nothing."""
