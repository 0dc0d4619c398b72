"""Pure statistics: intervals and ratios."""
