"""What people write: its source, its safe HTML, its words and its links. The database is not known here."""
