"""What happens here that an activity above must answer. Sent inside the transaction of the act."""

from django.dispatch import Signal

# send(sender=Sale, sale=, by=User or Actor, at=): a sale, a refund or a correction was written.
sale_written = Signal()
# send(sender=AccessRight, right=, what="opened" | "renewed" | "ended", by=User or Actor, at=)
right_changed = Signal()
