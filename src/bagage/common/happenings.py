"""One line of what happened, and one thing that asks attention: what every activity gives to the screens above it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of a person's timeline, already in the reader's language: ``strong`` first, then ``text``, then ``who``.

    ``url`` opens what it tells of, when there is a page for it.
    """

    at: datetime
    icon: str
    text: str
    strong: str = ""
    who: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Attention:
    """One line of "what asks attention" on Today: what is so, what to do about it, and where."""

    icon: str
    text: str
    action: str = ""
    url: str = ""
    count: int = 1
