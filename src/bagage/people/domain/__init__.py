"""Rules about names, years, phones and likeness, without a database."""
