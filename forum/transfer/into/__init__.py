"""Imports: a file of each format is read and checked into a staging area, then written in one transaction."""
