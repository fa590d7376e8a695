"""The outbox: every e-mail, later every SMS, and the paper list. Knows addresses, not persons."""
