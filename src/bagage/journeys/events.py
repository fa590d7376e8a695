"""What happens here that an activity above must answer. Sent inside the transaction of the act."""

from django.dispatch import Signal

# send(sender=Journey, journey=, what="exited" | "reopened", by=User or Actor, at=)
journey_changed = Signal()
