"""Which kind of help to propose first, from the three questions asked at reception.

The three profiles are those of Les Bons Clics ("A" far away, "B" beginning, "C" nearly autonomous). A profile is a
hint for who receives: it is never stored and never shown as a letter, and the plan is built from what she asks for.
"""

from enum import StrEnum


class Profile(StrEnum):
    """What to propose first."""

    A = "A"  # do it with her
    B = "B"  # propose to learn
    C = "C"  # untie one knot
    UNKNOWN = ""


def profile(connected_today: str, last_time: str) -> Profile:
    """The profile that two of the three answers make.

    ``connected_today`` is ``yes``, ``lent``, ``no``, ``unknown`` or ``""``; ``last_time`` is ``alone``, ``helped``,
    ``never``, ``unknown`` or ``""``. Never did it: A. Was helped: B. Alone, with what it takes to connect: C; alone
    but without it, B, since practice is rare. An answer that is missing and would decide makes no profile.
    """
    if last_time == "never":
        return Profile.A
    if last_time == "helped":
        return Profile.B
    if last_time == "alone" and connected_today in {"yes", "lent", "no"}:
        return Profile.C if connected_today == "yes" else Profile.B
    return Profile.UNKNOWN
