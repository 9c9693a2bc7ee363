"""The archive for reading: one HTML file."""
