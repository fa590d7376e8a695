"""``bagage search_services``: who around answers a need, best first."""

from __future__ import annotations

import json as as_json
from collections.abc import Callable
from typing import Any, TypeVar

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from bagage.directory import parameters
from bagage.directory.domain.needs import Need, is_theme, needs_named
from bagage.directory.queries import search_services
from bagage.directory.shown import result_json

MOST = 100
Value = TypeVar("Value")


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
        parser.add_argument(
            "--when", default="", metavar="'Th 14:00'", help="open on that day at that hour; or now"
        )
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
        place = _read(parameters.near, near.strip(), f"--near: no commune is known by {near.strip()!r}.")
        if place is None and not text.strip() and not need:
            raise CommandError("Say --text, --near or --need.", returncode=2)
        moment = _read(
            parameters.when, when, f"--when is written 'Th 14:00' (Mo Tu We Th Fr Sa Su), not {when!r}."
        )
        # Reasons are told in the source language, whoever runs it.
        with translation.override("fr"):
            found = search_services(
                text=text,
                needs=need,
                near=place,
                open_at=moment,
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


def _read(read: Callable[[str], Value], text: str, refusal: str) -> Value | None:
    """A value as the addresses read it, ``None`` for what is not said. Raises :class:`CommandError`, in our words."""
    if not text:
        return None
    try:
        return read(text)
    except parameters.Wrong:
        raise CommandError(refusal, returncode=2) from None
