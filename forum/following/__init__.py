"""What people follow, and what they are told of it: answers, comments and new articles."""
