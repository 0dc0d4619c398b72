"""The detector's rules and the matcher made from them."""
