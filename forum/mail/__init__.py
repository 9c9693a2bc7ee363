"""Mail: how a letter becomes a message, and how a message is handed to the mail server."""
