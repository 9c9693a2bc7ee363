"""Measurements. Speed is stated as ratios within one run, never asserted in a test."""
