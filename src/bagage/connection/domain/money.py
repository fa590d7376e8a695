"""Amounts of money as whole numbers: euros are read from text and written back without a binary float.

A price is a whole number of cents; a unit price (of a minute, a message, a megabyte) a whole number of hundredths
of a cent.
"""

import re
from decimal import Decimal

CENTS = 2
HUNDREDTHS_OF_A_CENT = 4
LARGEST_EUROS = 1_000_000

_WRITTEN = re.compile(r"-?\d{1,12}(\.\d+)?")


def read_money(value: object, decimals: int = CENTS) -> int:
    """``"5.50"`` → 550 with two decimals, 55000 with four. Text, whole numbers and decimals are read alike.

    ValueError says the rule that is broken: not an amount, negative, too many decimals, beyond a million euros.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise ValueError('an amount of euros is written as text, like "5.00"')
    text = str(value).strip()
    if not _WRITTEN.fullmatch(text):
        raise ValueError('an amount of euros is written as text, like "5.00"')
    whole, _, fraction = text.removeprefix("-").partition(".")
    if text.startswith("-") and (int(whole) or int(fraction or 0)):
        raise ValueError("an amount cannot be negative")
    if len(fraction) > decimals:
        raise ValueError(f"at most {decimals} decimals")
    if int(whole) > LARGEST_EUROS:
        raise ValueError(f"at most {LARGEST_EUROS} euros")
    return int(whole + fraction.ljust(decimals, "0"))


def write_money(cents: int) -> str:
    """1083 → ``"10.83"``; -5 → ``"-0.05"``."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def write_unit_price(hundredths: int) -> str:
    """Hundredths of a cent, with two decimals where they are enough: 5500 → ``"0.55"``, 5 → ``"0.0005"``."""
    text = f"{hundredths // 10**4}.{hundredths % 10**4:04d}"
    return text[:-2] if text.endswith("00") else text


def half_up(numerator: int, denominator: int) -> int:
    """The quotient to the nearest whole number, a half upwards (away from zero for a negative one)."""
    if numerator < 0:
        return -half_up(-numerator, denominator)
    return (2 * numerator + denominator) // (2 * denominator)
