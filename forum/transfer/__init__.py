"""The archive: every discussion out again, and in from elsewhere."""
