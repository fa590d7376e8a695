"""What happens here that activities above answer."""

from django.dispatch import Signal

# Inside the transaction in which an account closes, its roles still in place.
# Sent with: user (User), handed_to (User or None), by (Actor), at (datetime); the sender is the class User.
account_closing = Signal()

# Before that, on the page that asks whether to close: each receiver returns a list of sentences saying what it
# will do, such as "12 personnes suivies passent à Kadi". Sent with: user.
account_closing_foreseen = Signal()
