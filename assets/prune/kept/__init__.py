"""What is asked of what a mixture keeps, by those that come after it."""
