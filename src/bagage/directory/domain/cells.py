"""One cell after the other: text, telephone, address of the web, day, number, as sources write them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

PHONE = re.compile(r"\+\d{8,15}")
# What a browser opens.
WEB = re.compile(r"https?://[^\s<>\"']{3,}")
MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
# Numbers overseas begin like those of the mainland; abroad, by a code of their own.
OVERSEAS_CODES = {
    "0590": "+590",
    "0594": "+594",
    "0596": "+596",
    "0262": "+262",
    "0269": "+262",
    "0508": "+508",
}
_MOBILE_OVERSEAS = {"0690": "+590", "0691": "+590", "0694": "+594", "0696": "+596", "0697": "+596", "0692": "+262",
                    "0693": "+262", "0639": "+262"}  # fmt: skip


def text_of(value: Any) -> str:
    """A cell as one line of text; ``35600000063516.0`` of a spreadsheet is a whole number."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    return " ".join(str(value).replace("\x00", "").split())


def long_text(value: Any) -> str:
    """A cell whose lines stay lines."""
    said = str(value or "").replace("\x00", "").replace("\r\n", "\n").strip()
    return re.sub(r"\n{3,}", "\n\n", said)


def listed(value: Any, separators: str = "|") -> list[str]:
    """The parts of a list, in order, each once; a list stays one."""
    parts = (
        value if isinstance(value, list | tuple) else re.split(f"[{re.escape(separators)}]", text_of(value))
    )
    return list(dict.fromkeys(part for each in parts if (part := text_of(each))))


def phone_of(text: str) -> str:
    """A number as one dials it from anywhere (``+33142000000``), or ``""`` when it is none that could be dialled."""
    plain = re.sub(r"[\s.\-()/]", "", text.replace("(0)", ""))
    if plain.startswith("00"):
        plain = f"+{plain[2:]}"
    if PHONE.fullmatch(plain):
        return plain
    # Short numbers of public services: 39 49, 36 46.
    if re.fullmatch(r"3\d{3}", plain):
        return plain
    if re.fullmatch(r"33[1-9]\d{8}", plain):
        return f"+{plain}"
    if re.fullmatch(r"[1-9]\d{8}", plain):
        plain = f"0{plain}"
    if re.fullmatch(r"0[1-9]\d{8}", plain):
        code = OVERSEAS_CODES.get(plain[:4]) or _MOBILE_OVERSEAS.get(plain[:4]) or "+33"
        return code + plain[1:]
    return ""


def web_of(value: Any) -> str:
    """The first address that a browser opens, of a list or of a text; ``www.`` is understood. ``""``: none."""
    for part in re.split(r"[|;,\s]+", text_of(value)):
        if part.startswith("www."):
            part = f"https://{part}"
        if WEB.fullmatch(part) and len(part) <= 300:
            return part
    return ""


def mail_of(value: Any) -> str:
    """The first e-mail address of a list or of a text; ``""``: none."""
    return next((part for part in re.split(r"[|;,\s]+", text_of(value)) if MAIL.fullmatch(part)), "")[:254]


def day_of(value: Any) -> date | None:
    """A day in ISO 8601, or as it is written in France (``19/02/2020``)."""
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    said = text_of(value)
    if match := re.match(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})\b", said):
        said = f"{match[3]}-{int(match[2]):02}-{int(match[1]):02}"
    try:
        return date.fromisoformat(said[:10])
    except ValueError:
        return None


def first_of(record: Mapping[str, Any], *names: str) -> Any:
    """The first of these fields that says something."""
    return next((record[name] for name in names if record.get(name) not in (None, "", [])), None)
