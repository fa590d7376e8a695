"""Screens of the trail."""
