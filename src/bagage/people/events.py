"""What happens here that activities above answer."""

from django.dispatch import Signal

# Two files were marked as one person, inside the transaction.
# Sent with sender=Merge and merge, kept, merged (persons), by (Actor), at.
persons_merged = Signal()

# They were separated again. Sent with the same.
persons_separated = Signal()

# She agreed, refused or took back what she had agreed to, inside the transaction.
# Sent with sender=Agreement and agreement, by (User or Actor), at.
agreement_recorded = Signal()
