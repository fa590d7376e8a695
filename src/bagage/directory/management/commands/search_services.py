"""``bagage search_services``: who around answers a need, best first."""

from __future__ import annotations

import json as as_json
import re
from datetime import datetime, time, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation

from bagage.directory.domain.communes import Commune, find_communes
from bagage.directory.domain.communes import commune as commune_of
from bagage.directory.domain.needs import Need, is_theme, needs_named
from bagage.directory.queries import search_services
from bagage.directory.shown import DAYS, result_json

MOST = 100


class Command(BaseCommand):
    help = (
        "Say which places answer, best first: by what they give, then by distance. What nobody says of a place is "
        "told, and never hides it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--text",
            default="",
            metavar="WORDS",
            help='free words, misspelt or not: "ordinateur pas cher Saint-Denis jeudi après-midi"',
        )
        parser.add_argument(
            "--near",
            default="",
            metavar="CODE_OR_POSTCODE",
            help="INSEE code, postcode or name of a commune, or a point 48.88,2.37",
        )
        parser.add_argument(
            "--need",
            action="append",
            default=[],
            metavar="NEED",
            help="one of our codes, a service of the national standard or a theme of data·inclusion; "
            f"may be said several times ({', '.join(need for need in Need if need != Need.UNKNOWN)})",
        )
        parser.add_argument("--when", default="", metavar="'Th 14:00'", help="open on that day at that hour")
        parser.add_argument("--size", type=int, default=20, metavar="N", help=f"1 to {MOST} (default: 20)")
        parser.add_argument(
            "--json",
            action="store_true",
            help='print a list of {"id", "name", "city", "distance_m", "identifiers", "services", "why", '
            '"unknown", "fit"}, best first',
        )

    def handle(
        self,
        *args: Any,
        text: str,
        near: str,
        need: list[str],
        when: str,
        size: int,
        json: bool,
        **options: Any,
    ) -> None:
        if not 1 <= size <= MOST:
            raise CommandError(f"--size takes a whole number from 1 to {MOST}.", returncode=2)
        for name in need:
            if not needs_named(name) and not is_theme(name):
                raise CommandError(
                    f"--need: {name!r} is no need, service or theme that is known.", returncode=2
                )
        place = _near(near)
        if place is None and not text.strip() and not need:
            raise CommandError("Say --text, --near or --need.", returncode=2)
        # Reasons are told in the source language, whoever runs it.
        with translation.override("fr"):
            found = search_services(
                text=text,
                needs=need,
                near=place,
                open_at=_moment(when) if when else None,
                limit=size,
            )
            if json:
                self.stdout.write(as_json.dumps([result_json(row) for row in found], ensure_ascii=False))
                return
            for row in found:
                shown = result_json(row)
                far = f", {shown['distance_m']} m" if shown["distance_m"] is not None else ""
                self.stdout.write(f"{shown['name']}, {shown['city']}{far} ({shown['fit']})  {shown['id']}")
                self.stdout.write(f"      {', '.join(reason['words'] for reason in shown['why']) or '-'}")
                if shown["unknown"]:
                    self.stdout.write(f"      not known: {', '.join(shown['unknown'])}")
            if not found.rows:
                self.stdout.write("No place answers.")


def _near(text: str) -> tuple[float, float] | str | None:
    """A point, the INSEE code of the commune that is meant, or ``None``. Raises :class:`CommandError`."""
    text = text.strip()
    if not text:
        return None
    point = re.fullmatch(r"(-?\d{1,2}(?:\.\d+)?),\s?(-?\d{1,3}(?:\.\d+)?)", text)
    if point:
        return float(point[1]), float(point[2])
    there = named_commune(text)
    if there is None:
        raise CommandError(f"--near: no commune is known by {text!r}.", returncode=2)
    return there.code


def named_commune(text: str) -> Commune | None:
    """The commune of a postcode, else of an INSEE code, else of a name as people write it."""
    found = find_communes(text, limit=1) if not re.fullmatch(r"\d[\dAB]\d{3}", text) else []
    if not found:
        found = [there for there in [*find_communes(text, limit=1), commune_of(text)] if there]
    return found[0] if found else None


def _moment(text: str) -> datetime:
    """The next time that it is that day and hour, here. Raises :class:`CommandError`."""
    found = re.fullmatch(r"(Mo|Tu|We|Th|Fr|Sa|Su) ([01]?\d|2[0-3]):([0-5]\d)", text.strip())
    if not found:
        raise CommandError(
            f"--when is written 'Th 14:00' (Mo Tu We Th Fr Sa Su), not {text!r}.", returncode=2
        )
    now = timezone.localtime()
    day = now.date() + timedelta(days=(DAYS.index(found[1]) - now.weekday()) % 7)
    moment = datetime.combine(day, time(int(found[2]), int(found[3])), now.tzinfo)
    return moment if moment >= now.replace(second=0, microsecond=0) else moment + timedelta(days=7)
