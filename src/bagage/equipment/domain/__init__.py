"""Rules without Django, database or clock."""
