"""The records that end an exchange, and which of them cover a reply."""
