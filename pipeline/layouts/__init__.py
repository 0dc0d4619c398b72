"""How others lay out what they publish, where the shipped figures and a live source read the same thing."""
