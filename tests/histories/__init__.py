"""Whole histories of the journey: right, purchases, device, sessions, exit, by chance, at once, and cut off."""
