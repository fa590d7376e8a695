"""What every template may use; loaded for all of them."""
