"""Tests of saved replies."""
