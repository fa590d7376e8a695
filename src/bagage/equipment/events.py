"""What happens here that an activity above must answer. Sent inside the transaction of the act."""

from django.dispatch import Signal

# send(sender=Device, device=, person=Person or None, handover=Handover or None, what=, by=User or Actor, at=)
# ``what``: reserved released handed_over returned lost broken repaired; ``undone`` takes a handover back.
# ``broken``: it came back broken, for good when the handover has ended, to be repaired while it is open.
# ``person`` is the file that is kept.
device_changed = Signal()
