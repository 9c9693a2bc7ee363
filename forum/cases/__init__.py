"""The cases: whatever somebody must decide, with the reports that belong to it."""
