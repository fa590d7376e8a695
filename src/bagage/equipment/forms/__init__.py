"""What is typed about devices."""
