"""Texts that moderators use again and again, kept under a title."""
