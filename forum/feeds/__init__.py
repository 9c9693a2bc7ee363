"""Feeds, the sitemap, and the page that says how to subscribe: what is published, for programs."""
