"""Write: comment, reply, edit, delete."""
