"""Read: fill a page with threads and rows, say who answers whom, draw it."""
