"""The database layer: locks, guards, questions of one row, and what happens when a database does not answer."""
