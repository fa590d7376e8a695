"""What is done: one function is one thing a person does."""
