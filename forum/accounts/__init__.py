"""People, sessions, roles, one-time links, and the settings and documents of the site."""
