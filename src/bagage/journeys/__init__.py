"""The journey of a person: the welcome interview, what she asks for, the evidence, and the baggage computed from it."""
