"""Exports of WordPress (WXR 1.0 to 1.2)."""
