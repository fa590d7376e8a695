"""An answer in plain words, for a terminal of 80 columns. It reads the JSON of the answer, as any program would."""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bagage.connection.domain.programme import Person, Programme

WIDTH = 80
WORDS = {
    "bank_account": "a bank account",
    "fixed_address": "a fixed address",
    "email": "an e-mail address",
    "identity_document": "an identity document",
    "internet_access": "access to the Internet",
    "smartphone": "a smartphone",
    "social_referral": "a social referral",
    "local_residence": "residence in the area",
    "income_proof": "a proof of income",
    "max_payment": "enough money in hand",
}
RESOURCES = {"voice_min": "call minutes", "sms": "SMS", "data_mb": "mobile data"}
LIMITS = {
    "max_payment": "dearer than what she can pay on one day",
    "monthly_cap": "beyond what may be bought on this line in a month",
}
UNSERVED_LIMITS = {
    "max_payment": "what she can pay on one day is not enough",
    "monthly_cap": "what may be bought on it in a month is not enough",
}
FIELDS = {
    "validity_days": "how long it is valid",
    "price": "its price",
    "allowances": "what it gives",
    "credit": "its credit",
    "overage": "the price beyond its allowances",
    "commitment_months": "its commitment",
    "requires": "what it asks for",
}


def in_plain_words(answer: Mapping[str, Any], programme: Programme, person: Person) -> str:
    """The whole answer: best line, calendar, ranking, what is closed and why, the premium. Ends with a line end."""
    names = {line.id: _line_name(line.operator, line.name, line.id) for line in programme.lines}
    offers = {offer.id: _clean(offer.name or offer.id) for line in programme.lines for offer in line.offers}
    parts = [
        *_best(answer["best"], names, offers, person),
        *_ranking(answer["ranking"], names),
        *_left_out(answer, names, offers),
        *_premium(answer["premium"]),
        *_comparisons(answer),
    ]
    return "\n".join(parts) + "\n"


def _best(best: Any, names: Mapping[str, str], offers: Mapping[str, str], person: Person) -> list[str]:
    if best is None:
        return ["Nothing that is open to her serves what she uses; the reasons are below."]
    lines = _wrapped(
        f"Best: {names[best['line']]}. {_euros(best['total'])} over {_count(person.horizon_days, 'day')}, "
        f"{_euros(best['per_month'])} a month; {_euros(best['day_0'])} today, SIM included."
    )
    if best["proven"]:
        lines.append("Proven: no other way to be served costs less.")
    else:
        lines += _wrapped(
            f"Not proven in the time given: the least cost is {_euros(best['at_least'])} or more."
        )
    lines += _calendar("What to buy", best, offers)
    fewest = best["fewest"]
    if fewest is not None and fewest["purchases"] != best["purchases"]:
        title = f"With fewer purchases ({_euros(fewest['total'])} in all)"
        lines += _calendar(title, fewest, offers)
    if best["if_usage_130"] is None:
        lines += ["", "If she used 30 % more, this line would not serve her."]
    else:
        lines += ["", f"If she used 30 % more: {_euros(best['if_usage_130'])} on this line."]
    return lines


def _calendar(title: str, course: Mapping[str, Any], offers: Mapping[str, str]) -> list[str]:
    rows = [
        _row(f"day {each['day']:>3}  {offers[each['offer']]}", _euros(each["price"]))
        for each in course["purchases"]
    ]
    if "overage" in course:
        rows.append(_row("         beyond the allowances", _euros(course["overage"])))
    if "owed_after" in course:
        rows.append(_row("         owed after that, by the commitment", _euros(course["owed_after"])))
    return ["", title, *(rows or ["  nothing: the SIM alone"])]


def _ranking(ranking: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> list[str]:
    if not ranking:
        return []
    rows = []
    for rank, each in enumerate(ranking, start=1):
        cost = "not known" if each["total"] is None else _euros(each["total"])
        rows.append(_row(f"{rank:>3}  {names[each['line']]}", cost))
        if not each["proven"]:
            rows.append(f"       not proven: {_euros(each['at_least'])} or more")
    return ["", "Lines that serve her, the cheapest first", *rows]


def _left_out(answer: Mapping[str, Any], names: Mapping[str, str], offers: Mapping[str, str]) -> list[str]:
    lines: list[str] = []
    groups = [
        ("Closed to her", [f"{offers[each['offer']]}: {_why_closed(each)}" for each in answer["closed"]]),
        (
            "Open, but cannot serve her",
            [f"{names[each['line']]}: {_why_unserved(each)}" for each in answer["unserved"]],
        ),
        (
            "To be checked, so not ranked",
            [
                f"{offers[each['offer']]}: the source does not say "
                + _joined([FIELDS.get(name, name.replace("_", " ")) for name in each["unknown"]], "and")
                for each in answer["to_check"]
            ],
        ),
    ]
    for title, items in groups:
        if items:
            lines += ["", title]
            for item in items:
                lines += _wrapped(item, first="  ", then="    ")
    return lines


def _why_closed(closed: Mapping[str, Any]) -> str:
    if "limit" in closed:
        return LIMITS[closed["limit"]]
    needs = [
        WORDS[item] if isinstance(item, str) else _joined([WORDS[each] for each in item], "or")
        for item in closed["missing"]
    ]
    return "needs " + "; ".join(needs)


def _why_unserved(unserved: Mapping[str, Any]) -> str:
    if "limit" in unserved:
        return UNSERVED_LIMITS[unserved["limit"]]
    return f"no offer there gives {RESOURCES[unserved['resource']]} as she uses them"


def _premium(premium: Mapping[str, Any]) -> list[str]:
    lines = ["", "What her obstacles cost her, on lines anyone can buy"]
    if premium["total"] is None:
        lines += _wrapped(
            "  Not known: without lifting an obstacle, or at all, nothing there serves her.", then="  "
        )
        for each in premium["opens_with"]:
            lines += _wrapped(
                f"opens with: {_joined([WORDS[one] for one in each], 'and')}", first="  ", then="    "
            )
        return lines
    lines.append(_row("the poverty premium, in all", _euros(premium["total"])))
    if premium.get("proven") is False:
        lines.append("  not proven in the time given: these are the costs found so far")
    for each in premium["obstacles"]:
        lines.append(
            f"  {'without ' + WORDS[each['condition']]:<38}"
            f"{'alone ' + _euros(each['alone']):>19}{'share ' + _euros(each['share']):>21}"
        )
    return lines


def _comparisons(answer: Mapping[str, Any]) -> list[str]:
    lines = []
    if answer["saving"] is not None:
        lines += ["", _row("What the programme's own lines save her", _euros(answer["saving"])).strip()]
    today = answer["against_today"]
    if today is not None:
        lines.append("")
        if today["saving"] is None:
            lines.append("Against what she has today: keep it.")
        elif today["keep"]:
            lines += _wrapped(
                f"Against what she has today: keep it; changing costs {_euros(today['saving'].lstrip('-'))} more."
            )
        else:
            lines += _wrapped(f"Against what she has today: change; she saves {_euros(today['saving'])}.")
    return lines


def _line_name(operator: str, name: str, identifier: str) -> str:
    return _clean(", ".join(part for part in (name, operator) if part) or identifier)


def _clean(text: str) -> str:
    """Without what would move the cursor or colour the terminal."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def _row(label: str, amount: str) -> str:
    """A label and an amount at the right end; what is too long is cut."""
    room = WIDTH - len(amount) - 4
    shown = label if len(label) <= room else label[: room - 1] + "…"
    return f"  {shown:<{room}}  {amount}"


def _euros(amount: str | None) -> str:
    return "?" if amount is None else f"{amount} €"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _joined(parts: Iterable[str], last: str) -> str:
    *before, end = parts
    return f"{', '.join(before)} {last} {end}" if before else end


def _wrapped(text: str, first: str = "", then: str = "") -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=first, subsequent_indent=then, break_on_hyphens=False)
