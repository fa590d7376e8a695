"""What referrals do when something happens below."""
