"""Screens of the desk, one module a screen."""
