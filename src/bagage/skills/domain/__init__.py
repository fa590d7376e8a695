"""Rules about skills, in plain Python."""
