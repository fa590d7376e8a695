"""``bagage look_up``: who someone may be, over the whole network, for whoever administers it."""

import json as js
import os
import sys
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from bagage.people.domain.likeness import Band
from bagage.people.queries import Hit, look_up_many
from bagage.people.queries.finding import AT_ONCE
from bagage.people.queries.references import references_of
from bagage.people.services import note_look_up_by_command

STANDARD_INPUT = "-"
BANDS = {Band.VERY_LIKELY: "very likely", Band.POSSIBLE: "possible"}
LONGEST = 2_000


class Command(BaseCommand):
    help = (
        "Say who a text may speak of: names in any script, a year, a phone, a commune, the code of a card. "
        "Asks the whole network, as its administrator; the trail says that it was asked, never what."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("text", metavar="TEXT", help="what is known of her; - reads one text a line")
        parser.add_argument(
            "--json",
            action="store_true",
            help='print each answer on one line: a list of at most ten {"id", "reference", "name", "score", '
            '"reasons"}, best first',
        )
        parser.add_argument(
            "--limit", type=int, default=10, metavar="N", help="so many at most (1 to 10; default: 10)"
        )

    def handle(self, *args: Any, text: str, json: bool, limit: int, **options: Any) -> None:
        if not 1 <= limit <= 10:
            raise CommandError("--limit takes a whole number from 1 to 10.", returncode=2)
        if text != STANDARD_INPUT and not text.strip():
            raise CommandError("TEXT is empty: write a name, a phone or the code of a card.", returncode=2)
        number = 0
        try:
            # Reasons are told in the source language, whoever runs it.
            with translation.override("fr"):
                for texts in _batches(text):
                    for answer in _answers(texts, limit):
                        number += 1
                        self.say(answer, json, number if text == STANDARD_INPUT else 0)
                    self.stdout.flush()
        except BrokenPipeError:
            # Whoever reads has seen enough, as in "| head"; Python would complain once more when it ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def say(self, answer: list[dict[str, Any]], as_json: bool, number: int) -> None:
        """One answer, on one line as JSON, else as a few lines to read."""
        if as_json:
            found = [{key: value for key, value in each.items() if key != "band"} for each in answer]
            self.stdout.write(js.dumps(found, ensure_ascii=False))
        else:
            if number:
                self.stdout.write(f"Line {number}")
            for each in answer:
                reference = f", {each['reference']}" if each["reference"] else ""
                self.stdout.write(
                    f"{each['score']:.2f}  {each['name']}{reference} ({each['band']})  {each['id']}"
                )
                self.stdout.write(f"      {', '.join(each['reasons'])}")
            if not answer:
                self.stdout.write("Nobody is like that here.")


def _batches(text: str) -> Iterator[list[str]]:
    """The texts, as many at once as are there: whoever writes one line and waits is answered at once.

    An empty line is a text too, and speaks of nobody.
    """
    if text != STANDARD_INPUT:
        yield [text]
        return
    rest = b""
    while read := os.read(sys.stdin.fileno(), 65_536):
        *lines, rest = (rest + read).split(b"\n")
        for at in range(0, len(lines), AT_ONCE):
            yield [_readable(line) for line in lines[at : at + AT_ONCE]]
    if rest:
        yield [_readable(rest)]


def _readable(line: bytes) -> str:
    return line.decode("utf-8", errors="replace").lstrip("\ufeff").strip()[:LONGEST]


def _answers(texts: list[str], limit: int) -> list[list[dict[str, Any]]]:
    """The answer to each text. That it was asked is noted before any of it is told."""
    answers = list(look_up_many(texts, limit=limit))
    note_look_up_by_command(len(texts))
    references = references_of({hit.person for _, hits in answers for hit in hits})
    return [[_told(hit, references.get(hit.person.pk, "")) for hit in hits] for _, hits in answers]


def _told(hit: Hit, reference: str) -> dict[str, Any]:
    return {
        "id": str(hit.person.uuid),
        "reference": reference,
        "name": hit.person.full_name,
        "score": round(hit.score, 3),
        "reasons": [reason.text for reason in hit.reasons],
        "band": BANDS[hit.band],
    }
