"""Tests of notices of law."""
