"""Equipment: devices from their intake to their handover, with terms that a person can read, warranty and return."""
