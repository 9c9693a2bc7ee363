"""Published or held, with a reason, decided from plain values."""
