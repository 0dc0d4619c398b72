"""Names, mentions and duplicates brought to one form."""
