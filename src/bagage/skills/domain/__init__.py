"""The scale and the profile, without a database."""
