"""What she does in a week, in human terms, turned into what it uses in 30 days: minutes, SMS, megabytes.

No source of the project measures these figures: each is an example to be set right by the administrator, chosen so that
three calls a week make 103 minutes, ten SMS make 43, two video calls 1.1 GB, daily messages 0.5 GB and three visits of
sites 0.8 GB (the figures that the drawn screen shows). A month is 30 days, so a thing done once a week is done 30/7
times. Amounts are whole numbers; halves go up. 1 GB is 1,000 MB.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from bagage.connection.domain.programme import RESOURCES

NEVER = "never"
MONTH_DAYS = 30
WEEK_DAYS = 7
EXAMPLE = "exemple"
LARGEST_FIGURE = 100_000


@dataclass(frozen=True, slots=True)
class Use:
    """One thing she may do. ``levels``: answer → how often a week; ``figure``: units of ``resource`` each time."""

    key: str
    resource: str
    levels: Mapping[str, int]
    figure: int


def _levels(once: int = 1, often: int = 3, daily: int = 7) -> dict[str, int]:
    return {NEVER: 0, "once": once, "often": often, "daily": daily}


USES: tuple[Use, ...] = (
    # Minutes a call.
    Use("calls", "voice_min", _levels(), 8),
    # A message is a message: a few, ten, or five a day.
    Use("sms", "sms", _levels(3, 10, 35), 1),
    # Megabytes a video call.
    Use("video_calls", "data_mb", _levels(1, 2, 7), 130),
    # Megabytes a call by WhatsApp or the like, voice only.
    Use("voice_calls", "data_mb", _levels(), 6),
    # Megabytes a day on which messages and photos come and go.
    Use("messages", "data_mb", _levels(), 17),
    # Megabytes an hour of video.
    Use("watching", "data_mb", _levels(), 700),
    # Megabytes a visit: a form, an account, a timetable.
    Use("sites", "data_mb", _levels(), 62),
)
USE = {use.key: use for use in USES}


def usual_figures() -> dict[str, int]:
    """The figures that hold where nobody has changed them."""
    return {use.key: use.figure for use in USES}


def _month(use: Use, level: str, figures: Mapping[str, int]) -> Fraction:
    times = use.levels.get(level, 0)
    return Fraction(times * figures.get(use.key, use.figure) * MONTH_DAYS, WEEK_DAYS)


def _half_up(amount: Fraction) -> int:
    return int((2 * amount + 1) // 2)


def month_of(key: str, level: str, figures: Mapping[str, int]) -> int:
    """What one use makes in 30 days, in units of its resource; unknown levels make nothing."""
    return _half_up(_month(USE[key], level, figures))


def usage_of(levels: Mapping[str, str], figures: Mapping[str, int]) -> dict[str, int]:
    """Usage in 30 days of all she does: ``{"voice_min": 103, "sms": 43, "data_mb": 2421}``.

    Summed before it is rounded: the total is not the sum of the rounded parts. What was not asked makes nothing.
    """
    sums = {resource: Fraction(0) for resource in RESOURCES}
    for key, level in levels.items():
        if key in USE:
            sums[USE[key].resource] += _month(USE[key], level, figures)
    return {resource: _half_up(amount) for resource, amount in sums.items()}
