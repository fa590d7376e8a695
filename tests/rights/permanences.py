"""Permanences: places for all who sign in, hours and blocks for who runs or works there."""

from bagage.permanences.models import Closure
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


WITHDRAWS = {
    "adviser_here": 200, "programme_lead_here": 200, "administrator_here": 200, "network": 200,
    # She can be booked here, but the block is a colleague's.
    "volunteer_here": 403,
    "volunteer_elsewhere": 404, "adviser_elsewhere": 404, "programme_lead_elsewhere": 404,
    "administrator_elsewhere": 404, "everyone": 403,
}  # fmt: skip

ROWS = {
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
}  # fmt: skip
