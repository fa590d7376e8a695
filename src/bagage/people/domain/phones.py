"""Telephone numbers as people write them, French unless they say otherwise."""

import re

import phonenumbers

FRANCE = 33


class PhoneProblem(ValueError):
    """What is wrong with a number: ``str()`` says it in French, ``code`` and ``count`` let a screen say it otherwise.

    ``code`` is ``missing`` (``count`` digits), ``extra`` (``count`` digits), ``letters`` or ``unknown``.
    """

    def __init__(self, code: str, count: int = 0) -> None:
        self.code, self.count = code, count
        plural = "s" if count > 1 else ""
        words = {
            "missing": f"Il manque {count} chiffre{plural}.",
            "extra": f"Il y a {count} chiffre{plural} de trop.",
            "letters": "Un numéro s’écrit avec des chiffres.",
            "unknown": "Ce numéro n’existe dans aucun pays que nous connaissons.",
        }
        super().__init__(words[code])


def digits_of(text: str) -> str:
    """The digits alone."""
    return re.sub(r"\D", "", text)


def read_phone(text: str) -> str:
    """``"06 39 98 41 27"`` → ``"+33639984127"``; raises :class:`PhoneProblem`, which is a ``ValueError``.

    A number with ``+`` or ``00`` is of the country it names; any other is French. Ranges kept for fiction, and
    those not yet given out, are taken: only the length and the first digit are judged.
    """
    if re.search(r"[^\W\d_]", text):
        raise PhoneProblem("letters")
    digits = digits_of(text)
    if not digits:
        raise PhoneProblem("letters")
    abroad = text.strip().startswith("+") or digits.startswith("00")
    if not abroad and not digits.startswith("0"):
        # "6 39 98 41 27" without its zero, or "33 6 39…" without its plus.
        if len(digits) == 11 and digits.startswith("33"):
            digits = f"0{digits[2:]}"
        elif len(digits) == 9:
            digits = f"0{digits}"
    if not abroad:
        return _french(digits)
    try:
        number = phonenumbers.parse(text if text.strip().startswith("+") else f"+{digits[2:]}", None)
    except phonenumbers.NumberParseException as error:
        raise PhoneProblem("unknown") from error
    if number.country_code == FRANCE:
        national = str(number.national_number)
        return _french(f"0{national}")
    reason = phonenumbers.is_possible_number_with_reason(number)
    if reason == phonenumbers.ValidationResult.TOO_SHORT:
        raise PhoneProblem("missing", _lacking(number, digits))
    if reason == phonenumbers.ValidationResult.TOO_LONG:
        raise PhoneProblem("extra", 1)
    if reason not in (
        phonenumbers.ValidationResult.IS_POSSIBLE,
        phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY,
    ):
        raise PhoneProblem("unknown")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _french(digits: str) -> str:
    """Ten digits from 01 to 09."""
    if len(digits) < 10:
        raise PhoneProblem("missing", 10 - len(digits))
    if len(digits) > 10:
        raise PhoneProblem("extra", len(digits) - 10)
    if digits[:2] == "00":
        raise PhoneProblem("unknown")
    return f"+{FRANCE}{digits[1:]}"


def _lacking(number: phonenumbers.PhoneNumber, digits: str) -> int:
    """How many digits until the number could be one of its country."""
    national = str(number.national_number)
    for count in range(1, 9):
        longer = phonenumbers.PhoneNumber(
            country_code=number.country_code, national_number=int(national + "1" * count)
        )
        if phonenumbers.is_possible_number(longer):
            return count
    return 1


def shown_phone(number: str) -> str:
    """``"+33639984127"`` → ``"06 39 98 41 27"``; a number of another country in international form."""
    try:
        parsed = phonenumbers.parse(number, "FR")
    except phonenumbers.NumberParseException:
        return number
    french = parsed.country_code == FRANCE
    kind = phonenumbers.PhoneNumberFormat.NATIONAL if french else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, kind)


def sought_phone(text: str) -> str:
    """What someone typed when looking for a number, in international form even when a digit lacks or is too much."""
    try:
        return read_phone(text)
    except PhoneProblem:
        digits = digits_of(text)
        if text.strip().startswith("+"):
            return f"+{digits}"
        if digits.startswith("00"):
            return f"+{digits[2:]}"
        return f"+{FRANCE}{digits.removeprefix('0')}"


def near_phones(number: str) -> frozenset[str]:
    """Every number one slip away: a digit changed, forgotten, added, or two neighbours exchanged. About 200."""
    sign, digits = number[:1], number[1:]
    # The country's digits are not mistyped: they are not typed.
    start = 2 if digits.startswith(str(FRANCE)) else 0
    head, tail = digits[:start], digits[start:]
    near = {tail[:at] + digit + tail[at + 1 :] for at in range(len(tail)) for digit in "0123456789"}
    near |= {tail[:at] + tail[at + 1 :] for at in range(len(tail))}
    near |= {tail[:at] + digit + tail[at:] for at in range(len(tail) + 1) for digit in "0123456789"}
    near |= {tail[:at] + tail[at + 1] + tail[at] + tail[at + 2 :] for at in range(len(tail) - 1)}
    near.discard(tail)
    return frozenset(f"{sign}{head}{one}" for one in near)


def phone_slip(sought: str, known: str) -> str:
    """How two numbers differ: ``same``, ``digit``, ``missing``, ``extra``, ``swapped``, or ``""`` for more."""
    if sought == known:
        return "same"
    if len(sought) == len(known):
        places = [at for at, (one, other) in enumerate(zip(sought, known, strict=True)) if one != other]
        if len(places) == 1:
            return "digit"
        if len(places) == 2 and places[1] == places[0] + 1:
            first, second = places
            if sought[first] == known[second] and sought[second] == known[first]:
                return "swapped"
        return ""
    if known in near_phones(sought):
        return "missing" if len(sought) < len(known) else "extra"
    return ""
