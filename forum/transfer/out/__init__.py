"""Exports: a file of each format, made of one snapshot of the database."""
