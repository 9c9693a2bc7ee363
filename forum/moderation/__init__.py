"""The desk: reports, queue, decisions, erasure, the public history."""
