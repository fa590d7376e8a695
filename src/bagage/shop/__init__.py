"""The solidarity counter: rights of access, caps, stock, sales, the till."""
