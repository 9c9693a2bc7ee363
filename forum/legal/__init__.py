"""Notices of law: what anybody, without an account, says is against the law, and what is decided about it."""
