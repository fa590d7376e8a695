"""What decides in fair connection: plain Python, exact integers, no table and no clock."""
