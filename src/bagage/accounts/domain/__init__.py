"""Roles and what they open, without a database."""
