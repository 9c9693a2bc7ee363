"""Search: the words of articles and comments, kept beside them, and the page that finds them again."""
