"""Permanences: places for all who sign in, hours and blocks for who runs or works there."""

from datetime import timedelta

from bagage.permanences.models import Closure, Room, Session, SessionBooking
from bagage.skills.models import Item
from tests.rights import Row

# Whoever welcomes at A, or is above it.
WORKS = {
    "receptionist_here": 200, "volunteer_here": 200, "adviser_here": 200, "programme_lead_here": 200,
    "administrator_here": 200, "network": 200,
}  # fmt: skip
# Roles that welcome or run a site, but elsewhere: the page does not exist for them.
NOT_THERE = {
    "receptionist_elsewhere": 404, "volunteer_elsewhere": 404, "adviser_elsewhere": 404,
    "programme_lead_elsewhere": 404, "administrator_elsewhere": 404,
}  # fmt: skip
OTHERS = {"referrer": 403, "logistics": 403, "local_officer": 403}
RUNS = {
    "programme_lead_here": 200, "administrator_here": 200, "network": 200,
    "programme_lead_elsewhere": 404, "administrator_elsewhere": 404, "everyone": 403,
}  # fmt: skip


def changed(expected, status):
    """The same rights, with the status of an act that is done."""
    return {key: status if value == 200 else value for key, value in expected.items()}


def at_a(world):
    return {"uuid": world.site_a.uuid}


def closure(world):
    Closure.objects.get_or_create(site=world.site_a, first_day="2026-12-24", last_day="2026-12-24")
    return {"uuid": world.site_a.uuid, "first": "2026-12-24"}


def session(world, name="session", **fields):
    """A session at A in two days, with her in it; made once."""
    room, _made = Room.objects.get_or_create(site=world.site_a, name=name, computers=4, seats=4)
    starts_at = fields.pop("starts_at", world.now + timedelta(days=2))
    found, is_new = Session.objects.get_or_create(
        key=f"world-{name}",
        defaults={
            "site": world.site_a, "room": room, "topic": "Son compte santé", "starts_at": starts_at,
            "ends_at": starts_at + timedelta(hours=2), "planned_at": world.now, "changed_at": world.now, **fields,
        },
    )  # fmt: skip
    if is_new:
        found.items.set(Item.objects.filter(code="K11"))
        SessionBooking.objects.create(
            session=found, person=world.person, key=f"world-{name}-seat", booked_at=world.now, seated_at=world.now,
            changed_at=world.now,
        )  # fmt: skip
    return found


def coming(world):
    return {"uuid": session(world).uuid}


def under_way(world):
    return {"uuid": session(world, "under_way", starts_at=world.now - timedelta(hours=1)).uuid}


def held(world):
    return {
        "uuid": session(
            world, "held", starts_at=world.now - timedelta(hours=4), state="held", closed_at=world.now
        ).uuid
    }


def seat(world):
    return {"uuid": session(world).bookings.get().uuid}


def arrival(world):
    found = session(world, "under_way", starts_at=world.now - timedelta(hours=1))
    place, _made = SessionBooking.objects.get_or_create(
        key="world-arrival",
        defaults={
            "session": found, "first_name": "Ibrahima", "is_unplanned": True, "state": "present",
            "booked_at": world.now, "changed_at": world.now,
        },
    )  # fmt: skip
    return {"uuid": place.uuid}


def form(world):
    day = (world.now + timedelta(days=3)).strftime("%Y-%m-%d")
    return {
        "key": "rights", "topic": "La souris", "room": f"{world.site_a.uuid}:session", "day": day, "begins": "9",
        "ends": "11",
    }  # fmt: skip


# Who welcomes at A sees its sessions; who welcomes elsewhere does not; other roles see none.
SEES = {
    "receptionist_here": 200, "volunteer_here": 200, "adviser_here": 200, "programme_lead_here": 200,
    "programme_lead_network": 200, "receptionist_elsewhere": 404, "volunteer_elsewhere": 404, "adviser_elsewhere": 404,
    "programme_lead_elsewhere": 404, "everyone": 403,
}  # fmt: skip
PLANS = {**SEES, "receptionist_here": 403, "volunteer_here": 403}
BOOKS = {**SEES, "volunteer_here": 403}
# The list is each one's own; planning opens on one's own sites.
LISTS = {
    "receptionist": 200, "volunteer": 200, "adviser": 200, "programme_lead": 200, "everyone": 403,
}  # fmt: skip
OPENS_NEW = {"adviser": 200, "programme_lead": 200, "everyone": 403}

WITHDRAWS = {
    "adviser_here": 200, "programme_lead_here": 200, "administrator_here": 200, "network": 200,
    # She can be booked here, but the block is a colleague's.
    "volunteer_here": 403,
    "volunteer_elsewhere": 404, "adviser_elsewhere": 404, "programme_lead_elsewhere": 404,
    "administrator_elsewhere": 404, "everyone": 403,
}  # fmt: skip

ROWS = {
    "permanences:reception": Row(public=True, expected={"everyone": 200}),
    "permanences:site_list": Row(expected={"everyone": 200}),
    "permanences:site": Row(kwargs=at_a, expected={"everyone": 200}),
    "permanences:site_edit": [
        Row(kwargs=at_a, expected=RUNS),
        # An empty form is refused to who may send it.
        Row(kwargs=at_a, method="post", expected=changed(RUNS, 422)),
    ],
    "permanences:closure_add": Row(
        kwargs=at_a, method="post", data=lambda world: {"first_day": "2026-12-24"}, expected=changed(RUNS, 302)
    ),
    "permanences:closure_remove": Row(kwargs=closure, method="post", expected=changed(RUNS, 302)),
    "permanences:blocks": [
        Row(kwargs=at_a, expected={**WORKS, **NOT_THERE, **OTHERS}),
        Row(
            kwargs=at_a,
            method="post",
            expected={
                **changed(WORKS, 422), **NOT_THERE, **OTHERS, "receptionist_here": 403,
            },
        ),
    ],
    "permanences:block_withdraw": [
        Row(kwargs=lambda world: {"uuid": world.block.uuid}, expected=WITHDRAWS),
        Row(
            kwargs=lambda world: {"uuid": world.block.uuid},
            method="post",
            expected=changed(WITHDRAWS, 302),
        ),
    ],
    "permanences:session_list": [
        Row(expected=LISTS),
        Row(query=lambda world: {"when": "past", "for": world.person.uuid}, expected=LISTS),
    ],
    "permanences:session_new": [
        Row(query=lambda world: {"like": session(world).uuid}, expected=OPENS_NEW),
        # A room of A is no choice for who plans at B.
        Row(
            method="post", data=form, kwargs=lambda world: coming(world) and {},
            expected={"adviser_here": 302, "programme_lead_here": 302, "programme_lead_network": 302,
                      "adviser_elsewhere": 422, "programme_lead_elsewhere": 422, "everyone": 403},
        ),
    ],
    "permanences:session": [
        Row(kwargs=coming, expected=SEES),
        Row(kwargs=coming, query=lambda world: {"for": world.person.uuid}, expected=SEES),
    ],
    "permanences:session_change": [
        Row(kwargs=coming, expected=PLANS),
        Row(kwargs=coming, method="post", data=form, expected=changed(PLANS, 302)),
    ],
    "permanences:session_cancel": [
        Row(kwargs=coming, expected=PLANS),
        Row(kwargs=coming, method="post", data=lambda world: {"reason": "Panne"}, expected=changed(PLANS, 302)),
    ],
    "permanences:session_book": [
        # She is in it already.
        Row(
            kwargs=coming, method="post", data=lambda world: {"person": world.person.uuid, "key": "rights"},
            expected=changed(BOOKS, 409),
        ),
        Row(kwargs=coming, method="post", data=lambda world: {"q": "Awa"}, expected=BOOKS),
    ],
    "permanences:session_seat_leave": Row(kwargs=seat, method="post", expected=changed(BOOKS, 302)),
    "permanences:session_seat_excuse": Row(kwargs=seat, method="post", expected=changed(BOOKS, 302)),
    "permanences:attendance": [
        Row(kwargs=under_way, expected=SEES),
        Row(
            kwargs=under_way, method="post", data=lambda world: {"key": "rights", "do": "save"},
            expected=changed(SEES, 302),
        ),
        Row(
            kwargs=under_way, method="post", data=lambda world: {"key": "rights"}, headers={"hx-request": "true"},
            expected=SEES,
        ),
    ],
    "permanences:session_sheet": Row(kwargs=coming, expected=SEES),
    "permanences:session_reopen": Row(kwargs=held, method="post", expected=changed(SEES, 302)),
    "permanences:session_seat_who": [
        Row(kwargs=arrival, expected=SEES),
        Row(kwargs=arrival, method="post", data=lambda world: {"q": "Awa"}, expected=BOOKS),
        # She is on the list already; a volunteer may not open her file.
        Row(
            kwargs=arrival, method="post", data=lambda world: {"person": world.person.uuid},
            expected={**changed(SEES, 409), "volunteer_here": 404},
        ),
    ],
}  # fmt: skip
