"""Measure WordPress and Isso on the same trees of comments as the forum: `make bench-peers`."""
