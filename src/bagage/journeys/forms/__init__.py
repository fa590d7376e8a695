"""What turns text into values, one module a noun."""
