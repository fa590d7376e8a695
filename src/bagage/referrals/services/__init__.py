"""What people do with a referral: send, receive, accept, decline, book, ask, answer, withdraw, say what she left with.

And what is done when someone is sent on to a place around.

Each act that the referrer should know of adds a step and, in the same transaction, the mail that tells her.
"""

from bagage.referrals.services.answering import (
    accept_referral,
    decline_referral,
    give_referral_appointment,
    receive_referral,
    tell_left_with,
    welcome_referral,
    withdraw_referral,
)
from bagage.referrals.services.exchanges import answer, ask
from bagage.referrals.services.following import (
    follow_appointment,
    give_back_link,
    hand_over_referrals,
    send_new_link,
)
from bagage.referrals.services.links import (
    confirm_email,
    create_organisation_link,
    end_organisation_link,
    send_confirmation_code,
)
from bagage.referrals.services.onward import (
    call_off_onward,
    confirm_arrival,
    letter_of,
    note_answer,
    note_seen,
    remind_place,
    send_onward,
    tell_place_again,
)
from bagage.referrals.services.sending import ReferralDraft, send_referral
from bagage.referrals.services.steps import By

__all__ = [
    "By",
    "ReferralDraft",
    "accept_referral",
    "answer",
    "ask",
    "call_off_onward",
    "confirm_arrival",
    "confirm_email",
    "create_organisation_link",
    "decline_referral",
    "end_organisation_link",
    "follow_appointment",
    "give_back_link",
    "give_referral_appointment",
    "hand_over_referrals",
    "letter_of",
    "note_answer",
    "note_seen",
    "receive_referral",
    "remind_place",
    "send_confirmation_code",
    "send_new_link",
    "send_onward",
    "send_referral",
    "tell_left_with",
    "tell_place_again",
    "welcome_referral",
    "withdraw_referral",
]
