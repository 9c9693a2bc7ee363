"""The thread: read, post, reply, edit, withdraw."""
