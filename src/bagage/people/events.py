"""What happens here that activities above answer."""

from django.dispatch import Signal

# Two files were marked as one person, inside the transaction.
# Sent with sender=Merge and merge, kept, merged (persons), by (Actor), at.
persons_merged = Signal()

# They were separated again. Sent with the same.
persons_separated = Signal()
