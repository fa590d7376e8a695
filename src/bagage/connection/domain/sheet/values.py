"""Words, amounts and days as people write them in a cell."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata


def plain(text: str) -> str:
    """Text without case, accents, or doubled spaces, to compare words."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("’", "'"))
    return " ".join("".join(sign for sign in decomposed if not unicodedata.combining(sign)).split())


def amount_text(text: str) -> str:
    """``"10,00 €"`` → ``"10.00"``; what is no amount stays as it was written, for the rule to name it."""
    compact = re.sub(r"[\s\u00a0\u202f€]", "", text)
    if re.fullmatch(r"-?\d+([.,]\d+)?", compact):
        whole, _point, fraction = compact.replace(",", ".").partition(".")
        # What a spreadsheet shows as 10.0 or 0.5500 is the same amount.
        return f"{int(whole)}.{fraction.rstrip('0').ljust(2, '0')}" if whole != "-0" else compact
    return text


def read_day(text: str) -> dt.date | None:
    """``"2026-11-24"`` or ``"24/11/2026"``; ``None`` when it is neither."""
    text = text.strip()
    french = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text)
    try:
        if french:
            return dt.date(int(french[3]), int(french[2]), int(french[1]))
        return dt.date.fromisoformat(text)
    except ValueError:
        return None
