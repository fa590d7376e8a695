"""Rules of the journey, in plain Python."""
