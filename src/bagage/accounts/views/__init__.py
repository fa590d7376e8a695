"""Pages of accounts: one's own, the staff, the organisations, invitations."""
