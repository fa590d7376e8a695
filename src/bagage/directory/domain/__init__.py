"""Places and distances, without a database."""
