"""What each person should hear about."""
