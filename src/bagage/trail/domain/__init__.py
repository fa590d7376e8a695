"""Rules of the trail, without a database."""
