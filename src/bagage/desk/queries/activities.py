"""What the activities with a panel of their own give to a person's file and to Today, each asked in one order.

An activity owns its query and the partial template of its panel; here is only who is asked, and in which order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from bagage.accounts.models import User
from bagage.common.happenings import Attention, Happened
from bagage.permanences.models import Site

# (template, query): the query takes the ids of her files and today, and gives None when there is nothing to show.
PANELS: tuple[tuple[str, Callable[[list[int], date], object | None]], ...] = ()
# Each takes the ids of her files; ``details`` is for who may read the diagnosis.
TELLERS: tuple[Callable[..., list[Happened]], ...] = ()
# Each takes the user, the site and the moment.
ASKERS: tuple[Callable[[User, Site, datetime], list[Attention]], ...] = ()


@dataclass(frozen=True, slots=True)
class Panel:
    """One pocket of the file, drawn by ``template`` from ``panel``."""

    template: str
    panel: object


def panels_of(files: list[int], today: date) -> list[Panel]:
    """The pockets that have something to show."""
    found = ((template, query(files, today)) for template, query in PANELS)
    return [Panel(template, panel) for template, panel in found if panel is not None]


def told_of(files: list[int], *, details: bool) -> list[Happened]:
    """What happened to her in these activities, in no order."""
    return [one for teller in TELLERS for one in teller(files, details=details)]


def attention_of(user: User, site: Site, now: datetime) -> list[Attention]:
    """What asks attention at this site in these activities, for who may act."""
    return [one for asker in ASKERS for one in asker(user, site, now)]
