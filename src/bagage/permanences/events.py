"""What happens here that an activity above must answer. Sent inside the transaction of the act."""

from django.dispatch import Signal

# send(sender=Appointment, appointment=, old_state="booked" (or "" when it was just given), new_state=, by=Actor, at=)
# A moved appointment sends two: the old one becomes "moved", then the new one (its ``moved_from`` set) is given.
appointment_changed = Signal()
