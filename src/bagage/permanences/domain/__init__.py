"""Hours, slots and states of an appointment, without a database."""
