"""The append-only log of acts."""
