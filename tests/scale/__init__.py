"""More than one process and more than one machine: what they share, and what happens when it is gone."""
