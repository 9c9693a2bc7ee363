"""People, their names, sessions, roles and one-time links, and how a new site gets its first admin."""
