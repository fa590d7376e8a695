"""States of a referral and words for whoever referred, without a database."""
