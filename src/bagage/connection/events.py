"""What happens here that an activity above must answer. Sent inside the transaction of the act."""

from django.dispatch import Signal

# send(sender=HeldLine, line=, old_state="active" ("void" when it was just given), new_state=,
# by=User or Actor, at=)
# Sent at each event of a line, so that ``old_state`` and ``new_state`` may be the same: a top-up moves its last day.
line_changed = Signal()
