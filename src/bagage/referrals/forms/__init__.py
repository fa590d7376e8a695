"""What is typed, checked and turned into values; nothing is saved here."""
