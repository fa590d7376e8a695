"""What the activities with a panel of their own give to a person's file and to Today, each asked in one order.

An activity owns its query and the partial template of its panel; here is only who is asked, and in which order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from bagage.accounts.models import User
from bagage.common.happenings import Attention, Happened
from bagage.common.together import Asking, Together, beside, together
from bagage.equipment import queries as equipment
from bagage.journeys.permissions import FileView
from bagage.journeys.queries import exits as journeys
from bagage.people.domain.fields import Field
from bagage.people.queries.attachments import attachment_panel
from bagage.permanences import queries as permanences
from bagage.permanences.models import Session, SessionBooking, Site
from bagage.referrals.queries import onward
from bagage.shop import queries as shop
from bagage.shop.models import AccessRight


@dataclass(frozen=True, slots=True)
class Alike:
    """What both the panel and the timeline of an activity are made of, read once for a page."""

    seats: list[SessionBooking]
    rights: list[AccessRight]
    journeys: journeys.JourneyRows


@together
def read_alike(files: list[int]) -> Asking[Alike]:
    """Her seats in sessions, her rights at the counter, the steps of her journeys and their news. Four queries."""
    parts = permanences.sessions_of, shop.rights_of, journeys.journey_rows
    return Alike(*(yield from beside([part.asking(files) for part in parts])))


# (template, which of her facts it shows, query): the query takes the ids of her files, today and what was read already,
# asks beside the others, and gives None when there is nothing to show.
PANELS: tuple[tuple[str, Field, Callable[[list[int], date, Alike], Asking[object | None]]], ...] = (
    (
        "equipment/_person_panel.html",
        Field.DEVICES,
        lambda files, today, alike: equipment.person_panel.asking(files, today=today),
    ),
    (
        "shop/_person_panel.html",
        Field.PURCHASES,
        lambda files, today, alike: shop.person_panel.asking(files, today=today, rights=alike.rights),
    ),
    (
        "permanences/_person_panel.html",
        Field.APPOINTMENTS,
        lambda files, today, alike: permanences.person_panel.asking(files, today=today, seats=alike.seats),
    ),
    (
        "referrals/_person_panel.html",
        Field.ONWARD,
        lambda files, today, alike: onward.person_panel.asking(files, today),
    ),
    (
        "journeys/_person_panel.html",
        Field.STEPS,
        lambda files, today, alike: journeys.person_panel.asking(files, today, rows=alike.journeys),
    ),
    (
        "desk/_attachments_panel.html",
        Field.PAPERS,
        lambda files, today, alike: attachment_panel.asking(files),
    ),
)
# (which of her facts it tells, query): the query takes the ids of her files and what was read already; ``details`` is
# for who may read the diagnosis.
TELLERS: tuple[tuple[Field, Callable[[list[int], Alike, bool], Asking[list[Happened]]]], ...] = (
    (Field.DEVICES, lambda files, alike, details: equipment.happened.asking(files, details=details)),
    (
        Field.PURCHASES,
        lambda files, alike, details: shop.happened.asking(files, details=details, rights=alike.rights),
    ),
    (
        Field.APPOINTMENTS,
        lambda files, alike, details: permanences.happened.asking(files, details=details, seats=alike.seats),
    ),
    (
        Field.STEPS,
        lambda files, alike, details: journeys.happened.asking(files, details=details, rows=alike.journeys),
    ),
    (Field.ONWARD, lambda files, alike, details: onward.happened.asking(files, details=details)),
)
# Each takes the user, the site and the moment.
ASKERS: tuple[Together[[User, Site, datetime], list[Attention]], ...] = (
    permanences.attention,
    equipment.attention,
    shop.attention,
    onward.attention,
    journeys.attention,
)


@dataclass(frozen=True, slots=True)
class Panel:
    """One pocket of the file, drawn by ``template`` from ``panel``."""

    template: str
    panel: object


@together
def panels_of(files: list[int], today: date, alike: Alike, *, view: FileView) -> Asking[list[Panel]]:
    """The pockets that have something to show to this reader."""
    shown = [(template, query) for template, field, query in PANELS if view.shows(field)]
    panels = yield from beside([query(files, today, alike) for _template, query in shown])
    return [
        Panel(template, panel)
        for (template, _query), panel in zip(shown, panels, strict=True)
        if panel is not None
    ]


def in_two(panels: list[Panel]) -> list[list[Panel]]:
    """The pockets in two stacks side by side; none when there is none."""
    return [panels[::2], panels[1::2]] if panels else []


def next_session(panels: list[Panel], *, now: datetime) -> Session | None:
    """The next session in which she has a seat, from her pockets; no query."""
    for one in panels:
        if isinstance(one.panel, permanences.PersonPanel):
            seats = [seat.booking for seat in one.panel.coming if seat.booking.state == "booked"]
            return next((seat.session for seat in seats if seat.session.ends_at > now), None)
    return None


@together
def told_of(files: list[int], alike: Alike, *, view: FileView) -> Asking[list[Happened]]:
    """What happened to her in these activities, in no order, as far as this reader may know."""
    tellers = [teller for field, teller in TELLERS if view.shows(field)]
    told = yield from beside([teller(files, alike, view.diagnosis) for teller in tellers])
    return [one for some in told for one in some]


@together
def attention_of(user: User, site: Site, now: datetime) -> Asking[list[Attention]]:
    """What asks attention at this site in these activities, for who may act."""
    found = yield from beside([asker.asking(user, site, now) for asker in ASKERS])
    return [one for some in found for one in some]
