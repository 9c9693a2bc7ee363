"""End an exchange or a discussion, and open it again."""
