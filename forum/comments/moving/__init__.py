"""Move branches to where they belong: to another comment or article, into an article of their own, all together."""
