"""A social worker sends a person to a permanence, with an account or without, and always hears what became of it."""
