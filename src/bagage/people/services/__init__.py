"""What is done with persons' files. Each act checks, writes, and leaves its row in the trail, in one transaction."""

from bagage.people.services.alike import search_alike
from bagage.people.services.cards import add_card_code, replace_card
from bagage.people.services.facts import (
    add_contact_way,
    end_contact_way,
    record_agreement,
    record_situation,
    record_situations,
)
from bagage.people.services.files import (
    add_name,
    correct_identity,
    name_keys_for,
    note_look_up,
    note_look_up_by_command,
    open_file,
    put_name_back,
    rebuild_name_keys,
    remove_name,
)
from bagage.people.services.following import (
    end_following,
    grant_access,
    hand_over_followings,
    refuse_access,
    request_access,
    start_following,
)
from bagage.people.services.households import leave_household, say_they_live_together
from bagage.people.services.merging import mark_as_same, say_not_the_same, separate, take_back_not_the_same

__all__ = [
    "add_card_code",
    "add_contact_way",
    "add_name",
    "correct_identity",
    "end_contact_way",
    "end_following",
    "grant_access",
    "hand_over_followings",
    "leave_household",
    "mark_as_same",
    "name_keys_for",
    "note_look_up",
    "note_look_up_by_command",
    "open_file",
    "put_name_back",
    "rebuild_name_keys",
    "record_agreement",
    "record_situation",
    "record_situations",
    "refuse_access",
    "remove_name",
    "replace_card",
    "request_access",
    "say_not_the_same",
    "say_they_live_together",
    "search_alike",
    "separate",
    "start_following",
    "take_back_not_the_same",
]
