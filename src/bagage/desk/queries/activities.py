"""What the activities with a panel of their own give to a person's file and to Today, each asked in one order.

An activity owns its query and the partial template of its panel; here is only who is asked, and in which order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from bagage.accounts.models import User
from bagage.common.happenings import Attention, Happened
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


def read_alike(files: list[int]) -> Alike:
    """Her seats in sessions, her rights at the counter, the steps of her journeys and their news. Four queries."""
    return Alike(permanences.sessions_of(files), shop.rights_of(files), journeys.journey_rows(files))


# (template, which of her facts it shows, query): the query takes the ids of her files, today and what was read already,
# and gives None when there is nothing to show.
PANELS: tuple[tuple[str, Field, Callable[[list[int], date, Alike], object | None]], ...] = (
    (
        "equipment/_person_panel.html",
        Field.DEVICES,
        lambda files, today, alike: equipment.person_panel(files, today=today),
    ),
    (
        "shop/_person_panel.html",
        Field.PURCHASES,
        lambda files, today, alike: shop.person_panel(files, today=today, rights=alike.rights),
    ),
    (
        "permanences/_person_panel.html",
        Field.APPOINTMENTS,
        lambda files, today, alike: permanences.person_panel(files, today=today, seats=alike.seats),
    ),
    (
        "referrals/_person_panel.html",
        Field.ONWARD,
        lambda files, today, alike: onward.person_panel(files, today),
    ),
    (
        "journeys/_person_panel.html",
        Field.STEPS,
        lambda files, today, alike: journeys.person_panel(files, today, rows=alike.journeys),
    ),
    ("desk/_attachments_panel.html", Field.PAPERS, lambda files, today, alike: attachment_panel(files)),
)
# (which of her facts it tells, query): the query takes the ids of her files and what was read already; ``details`` is
# for who may read the diagnosis.
TELLERS: tuple[tuple[Field, Callable[[list[int], Alike, bool], list[Happened]]], ...] = (
    (Field.DEVICES, lambda files, alike, details: equipment.happened(files, details=details)),
    (
        Field.PURCHASES,
        lambda files, alike, details: shop.happened(files, details=details, rights=alike.rights),
    ),
    (
        Field.APPOINTMENTS,
        lambda files, alike, details: permanences.happened(files, details=details, seats=alike.seats),
    ),
    (
        Field.STEPS,
        lambda files, alike, details: journeys.happened(files, details=details, rows=alike.journeys),
    ),
    (Field.ONWARD, lambda files, alike, details: onward.happened(files, details=details)),
)
# Each takes the user, the site and the moment.
ASKERS: tuple[Callable[[User, Site, datetime], list[Attention]], ...] = (
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


def panels_of(files: list[int], today: date, alike: Alike, *, view: FileView) -> list[Panel]:
    """The pockets that have something to show to this reader."""
    found = ((template, query(files, today, alike)) for template, field, query in PANELS if view.shows(field))
    return [Panel(template, panel) for template, panel in found if panel is not None]


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


def told_of(files: list[int], alike: Alike, *, view: FileView) -> list[Happened]:
    """What happened to her in these activities, in no order, as far as this reader may know."""
    tellers = [teller for field, teller in TELLERS if view.shows(field)]
    return [one for teller in tellers for one in teller(files, alike, view.diagnosis)]


def attention_of(user: User, site: Site, now: datetime) -> list[Attention]:
    """What asks attention at this site in these activities, for who may act."""
    return [one for asker in ASKERS for one in asker(user, site, now)]
