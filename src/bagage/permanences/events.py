"""What happens here that an activity above must answer. Sent inside the transaction of the act."""

from django.dispatch import Signal

# send(sender=Appointment, appointment=, old_state="booked" (or "" when it was just given), new_state=, by=Actor, at=)
# A moved appointment sends two: the old one becomes "moved", then the new one (its ``moved_from`` set) is given.
appointment_changed = Signal()
# send(sender=SessionBooking, booking=, old_state="" when it was just made, new_state=, by=User or Actor, at=)
# Booking, waiting, a seat that came free, presence, absence, leaving the list, the session called off.
booking_changed = Signal()
# send(sender=SessionBooking, booking=, steps={item code: 0 to 3 or None}, by=User or Actor, at=)
# What she could do was seen at the session and is written in skills.
booking_observed = Signal()
