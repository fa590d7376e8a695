"""Places where persons are welcomed: hours, people at work, appointments, the queue, and help without a name."""
