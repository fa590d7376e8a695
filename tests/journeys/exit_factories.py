"""A full bag, an exit, a follow-up, made with few words."""

from datetime import date, datetime
from itertools import count

from bagage.accounts.models import User
from bagage.journeys.models import Journey, JourneyExit
from bagage.journeys.services import exit_journey, open_journey, record_evidences
from bagage.people.models import Person
from bagage.permanences.models import Site
from bagage.skills.domain.positioning import BASE
from bagage.skills.services import record_observations

_numbers = count(1)
ALL_SIX = ("E1", "E2", "E3", "C1", "C2", "C3")


def key() -> str:
    """A key that no form used."""
    return f"journey-test-{next(_numbers)}"


def start(person: Person, site: Site, by: User) -> Journey:
    """Her journey is open."""
    return open_journey(person, site.organisation, by=by)


def fill(person: Person, day: date, by: User, at: datetime | None = None) -> None:
    """Her three pockets are full that day."""
    record_evidences(person, dict.fromkeys(ALL_SIX, "yes"), how="seen", observed_on=day, by=by, at=at)
    record_observations(person, dict.fromkeys(BASE, 3), how="seen", observed_on=day, by=by, at=at)


def leave(journey: Journey, by: User, **fields: object) -> JourneyExit:
    """She leaves, not yet with a full bag unless told."""
    return exit_journey(journey, **{"kind": "not_yet", "reason": "moved", "key": key(), "by": by, **fields})
