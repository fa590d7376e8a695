"""Text into values, one module a noun."""
