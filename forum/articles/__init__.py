"""Articles with their tags, and the lists of them."""
