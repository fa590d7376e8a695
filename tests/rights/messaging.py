"""The outbox: the paper list for who tells, the list of messages for administrators too, the settings for theirs."""

from bagage.messaging.models import Channel, Message, State
from tests.rights import Row
from tests.rights.world import HER_NAME, HER_WORDS, World

LIST = {
    "receptionist": 200,
    "adviser": 200,
    "programme_lead": 200,
    "administrator": 403,
    "referrer": 403,
    "volunteer": 403,
    "logistics": 403,
    "local_officer": 403,
}


def message(world: World, channel: str, state: str) -> dict[str, object]:
    """A message of permanence A that speaks of her."""
    key = f"rights:{channel}:{state}"
    made, _ = Message.objects.get_or_create(
        key=key,
        defaults={
            "channel": channel,
            "state": state,
            "place": str(world.node_a.uuid),
            "to": HER_NAME if channel == Channel.PAPER else "anna@example.org",
            "subject": "" if channel == Channel.PAPER else "Votre demande",
            "body": HER_WORDS,
            "not_before": world.now,
            "created_at": world.now,
            "settled_at": None if state == State.QUEUED else world.now,
        },
    )
    return {"uuid": made.uuid}


def on_paper(state: str):
    return lambda world: message(world, Channel.PAPER, state)


def by_mail(state: str):
    return lambda world: message(world, Channel.EMAIL, state)


def a_message(allowed: int, administrator: int) -> dict[str, int]:
    """Of permanence A: found by those of A and the network, not found from elsewhere."""
    return {
        "receptionist_here": allowed,
        "adviser_here": allowed,
        "programme_lead_here": allowed,
        "programme_lead_network": allowed,
        "administrator_here": administrator,
        "administrator_network": administrator,
        "receptionist_elsewhere": 404,
        "adviser_elsewhere": 404,
        "programme_lead_elsewhere": 404,
        "administrator_elsewhere": 404 if administrator != 403 else 403,
        "referrer": 403,
        "volunteer": 403,
        "logistics": 403,
        "local_officer": 403,
    }


ROWS = {
    "messaging:paper_list": Row(expected=LIST),
    "messaging:tell": Row(
        method="post",
        kwargs=on_paper(State.QUEUED),
        data=lambda world: {"how": "said"},
        expected=a_message(302, 403),
    ),
    "messaging:untell": Row(method="post", kwargs=on_paper(State.DELIVERED), expected=a_message(302, 403)),
    "messaging:outbox": Row(expected=LIST | {"administrator": 200}),
    "messaging:message": [
        Row(kwargs=by_mail(State.FAILED), expected=a_message(200, 200)),
        Row(kwargs=on_paper(State.QUEUED), expected=a_message(200, 200)),
    ],
    "messaging:resend": Row(method="post", kwargs=by_mail(State.FAILED), expected=a_message(302, 302)),
    "messaging:cancel": Row(method="post", kwargs=by_mail(State.FAILED), expected=a_message(302, 302)),
    "messaging:transport": [
        Row(expected={"administrator_network": 200, "everyone": 403}),
        Row(
            method="post",
            data=lambda world: {"kind": "paper"},
            expected={"administrator_network": 302, "everyone": 403},
        ),
    ],
    "messaging:transport_try": Row(
        method="post",
        data=lambda world: {"address": "anna@example.org"},
        expected={"administrator_network": 302, "everyone": 403},
    ),
}
