"""What moderators read about one person, and where they act on that."""
