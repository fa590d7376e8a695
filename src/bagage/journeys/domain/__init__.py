"""The baggage and the profile, computed without a database."""
