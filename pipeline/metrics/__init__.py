"""Reading the published views: frames, the dictionary, ad-hoc queries."""
