"""Today and appointments: for who welcomes there; the person of an appointment for who receives, or is booked."""

from bagage.permanences.models import NamelessHelp
from tests.rights import Row

NOT_WELCOMING = {"referrer": 403, "logistics": 403, "local_officer": 403, "administrator": 403}
# Her own permanence, wherever it is.
WELCOMES = {"receptionist": 200, "volunteer": 200, "adviser": 200, "programme_lead": 200, **NOT_WELCOMING}
# Something of permanence A.
HERE = {
    "receptionist_here": 200, "volunteer_here": 200, "adviser_here": 200, "programme_lead_here": 200,
    "programme_lead_network": 200, **NOT_WELCOMING,
    "receptionist_elsewhere": 404, "volunteer_elsewhere": 404, "adviser_elsewhere": 404,
    "programme_lead_elsewhere": 404,
}  # fmt: skip
# Her appointment is with the adviser: a volunteer does not see it.
HERS = {**HERE, "volunteer_here": 404}
RECEIVES = {**HERE, "volunteer_here": 403}


def changed(expected, status):
    """The same rights, with the status of an act that is done."""
    return {key: status if value == 200 else value for key, value in expected.items()}


def appointment(world):
    return {"uuid": world.appointment.uuid}


def entry(world):
    return {"uuid": world.queue_entry.uuid}


def counted(world):
    found, _created = NamelessHelp.objects.get_or_create(
        key="world-help", defaults={"site": world.site_a, "topic": "print", "minutes": 5, "at": world.now}
    )
    return {"uuid": found.uuid}


ROWS = {
    "desk:home": Row(expected={"everyone": 302}),
    "desk:more": Row(expected={"everyone": 200}),
    "desk:choose_site": [
        Row(expected={**WELCOMES, "referrer": 404, "logistics": 404, "local_officer": 404, "administrator": 404}),
        Row(
            method="post",
            data=lambda world: {"site": world.site_a.uuid},
            expected={
                **changed(HERE, 302), "referrer": 404, "logistics": 404, "local_officer": 404, "administrator": 404,
            },
        ),
    ],
    "desk:today": [
        # Who keeps the panorama and works at no permanence finds what waits there.
        Row(expected={**WELCOMES, "local_officer": 200, "administrator": 200}),
        Row(query=lambda world: {"part": "queue"}, headers={"hx-request": "true"}, expected=WELCOMES),
    ],
    "desk:today_sheet": Row(expected=WELCOMES),
    "desk:queue_join": Row(
        method="post", data=lambda world: {"first_name": "Aïcha", "key": "rights"}, expected=changed(WELCOMES, 302)
    ),
    "desk:queue_step": Row(
        kwargs=entry, method="post", data=lambda world: {"step": "call"}, expected=changed(HERE, 302)
    ),
    "desk:queue_who": [
        Row(kwargs=entry, expected=RECEIVES),
        Row(
            kwargs=entry,
            method="post",
            data=lambda world: {"person": world.person.uuid},
            expected=changed(RECEIVES, 302),
        ),
    ],
    "desk:help_count": Row(
        method="post",
        data=lambda world: {"topic": "print", "minutes": "5", "key": "rights"},
        expected=changed(WELCOMES, 302),
    ),
    "desk:help_undo": Row(kwargs=counted, method="post", expected=changed(HERE, 302)),
    "desk:appointment": Row(kwargs=appointment, expected=HERS),
    "desk:appointment_step": [
        Row(
            kwargs=appointment,
            method="post",
            data=lambda world, step=step: {"step": step},
            expected=changed(HERS, 302),
        )
        for step in ("arrive", "start", "excuse", "cancel")
    ],
    "desk:appointment_move": [
        Row(kwargs=appointment, expected=HERS),
        Row(
            kwargs=appointment,
            method="post",
            data=lambda world: {"slot": f"{world.block.uuid} {(world.block.starts_at).isoformat()}"},
            expected=changed(HERS, 422),
        ),
    ],
    "desk:appointment_new": [
        Row(
            expected={
                "receptionist": 200, "adviser": 200, "programme_lead": 200, "volunteer": 403, **NOT_WELCOMING,
            }
        ),
        Row(
            query=lambda world: {"person": world.person.uuid},
            expected={**RECEIVES, "volunteer_elsewhere": 403},
        ),
        Row(
            method="post",
            data=lambda world: {"person": world.person.uuid, "slot": "none"},
            expected={**changed(RECEIVES, 422), "volunteer_elsewhere": 403},
        ),
    ],
}  # fmt: skip
