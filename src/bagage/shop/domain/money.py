"""The cash of a till, reckoned from what happened in it. Whole cents."""

from __future__ import annotations

# Notes and coins that one hands over, in cents, for the buttons of "she gives".
NOTES = (500, 1000, 2000, 5000)


def cash_expected(float_amount: int, cash_totals: int) -> int:
    """What must lie in the till: what it was opened with, and all cash taken in and given back since."""
    return float_amount + cash_totals


def change_of(total: int, given: int) -> int:
    """What is given back."""
    return given - total


def likely_notes(total: int, most: int = 3) -> list[int]:
    """The notes that someone who pays ``total`` is likely to hand over, the smallest first."""
    return [note for note in NOTES if note >= total][:most]
