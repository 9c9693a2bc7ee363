"""What is discussed."""
