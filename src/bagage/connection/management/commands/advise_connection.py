"""``bagage advise_connection``: the engine of fair connection on files, without a database."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bagage.common.deadline import either, out_of_time_after
from bagage.connection.domain.advise import advise
from bagage.connection.domain.exchange import problem_words, read_json, write_answer
from bagage.connection.domain.programme import Programme, Refused, read_person, read_programme
from bagage.connection.domain.readable import in_plain_words

STANDARD_INPUT = "-"
LARGEST_FILE = 50_000_000
BUDGET = 2.0
REST = 0.4


def seconds(text: str) -> float:
    """A time budget: seconds, above zero, up to an hour."""
    value = float(text)
    if not 0 < value <= 3600:
        raise ValueError
    return value


class Command(BaseCommand):
    help = "Answer what a person can really have on a catalogue of offers, and what it costs her."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("offers", metavar="OFFERS.json", help="the catalogue; - reads standard input")
        parser.add_argument(
            "person",
            metavar="PERSON.json",
            help="the person; - reads standard input; a file .jsonl holds one person a line",
        )
        parser.add_argument("--json", action="store_true", help="print the answer as JSON, one line a person")
        parser.add_argument(
            "--lines", action="store_true", help="one person a line, whatever the name of the file"
        )
        parser.add_argument(
            "--budget",
            type=seconds,
            default=BUDGET,
            metavar="SECONDS",
            help=f"time for one person; what is not proven by then is told as a bound (default: {BUDGET:g})",
        )
        parser.add_argument(
            "--rest",
            type=seconds,
            default=REST,
            metavar="SECONDS",
            help="of it, time for the lines that cannot be the best, once the best is known with its ties, its fewest "
            f"purchases, + 30 %% and the premium (default: {REST:g})",
        )

    def handle(
        self,
        *args: Any,
        offers: str,
        person: str,
        json: bool,
        lines: bool,
        budget: float,
        rest: float,
        **options: Any,
    ) -> None:
        if offers == person == STANDARD_INPUT:
            raise CommandError("only one of OFFERS and PERSON can be read from standard input.", returncode=2)
        try:
            programme = read_programme(
                read_json(whole_file(offers), where=shown(offers)), where=shown(offers)
            )
        except Refused as refused:
            raise CommandError(told(refused), returncode=2) from refused
        answerer = Answerer(programme, budget, rest, as_json=json)
        try:
            if lines or person.endswith(".jsonl"):
                self.answer_each(answerer, person)
            else:
                self.say(answerer.answer(whole_file(person), where=shown(person)))
        except Refused as refused:
            raise CommandError(told(refused), returncode=2) from refused
        except BrokenPipeError:
            # Whoever reads has seen enough, as in "| head"; Python would complain once more when it ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def answer_each(self, answerer: "Answerer", name: str) -> None:
        """One person a line, each answered as soon as she is read; a wrong line is named and the next one read."""
        wrong = 0
        for number, line in numbered_lines(name):
            where = f"{shown(name)}, line {number}"
            try:
                answer = answerer.answer(line, where=where, one_line=True)
            except Refused as refused:
                self.stderr.write(told(refused))
                wrong += 1
            else:
                self.say(answer if answerer.as_json else f"Line {number}\n\n{answer}")
        if wrong:
            count = "1 line was" if wrong == 1 else f"{wrong} lines were"
            raise CommandError(f"{shown(name)}: {count} not answered.", returncode=2)

    def say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


class Answerer:
    """Answers persons, one after the other, on one catalogue."""

    def __init__(self, programme: Programme, budget: float, rest: float, *, as_json: bool) -> None:
        self.programme, self.budget, self.rest, self.as_json = programme, budget, rest, as_json

    def answer(self, content: bytes, *, where: str, one_line: bool = False) -> str:
        """The text of the answer. Refused when the person breaks a rule."""
        person = read_person(read_json(content, where=where, one_line=one_line), where=where)
        whole = out_of_time_after(self.budget)
        answer = advise(
            self.programme,
            person,
            out_of_time=whole,
            start_the_rest=lambda: either(whole, out_of_time_after(self.rest)),
        ).as_json()
        return write_answer(answer) if self.as_json else in_plain_words(answer, self.programme, person)


def shown(name: str) -> str:
    """How a file is named in what is said of it."""
    return "standard input" if name == STANDARD_INPUT else name


def told(refused: Refused) -> str:
    """Each problem on its line."""
    return "\n".join(map(problem_words, refused.problems))


def opened(name: str) -> IO[bytes]:
    """The file, or standard input. CommandError names it and says why it cannot be read."""
    if name == STANDARD_INPUT:
        return sys.stdin.buffer
    try:
        return Path(name).open("rb")
    except (OSError, ValueError) as error:
        raise unreadable(name, error) from error


def unreadable(name: str, error: OSError | ValueError) -> CommandError:
    reasons = {
        FileNotFoundError: "there is no such file",
        IsADirectoryError: "this is a folder, not a file",
        PermissionError: "no right to read it",
    }
    reason = reasons.get(type(error)) or getattr(error, "strerror", None) or str(error)
    return CommandError(f"{shown(name)}: {reason}", returncode=2)


def whole_file(name: str) -> bytes:
    """What a file holds, up to 50 MB."""
    with opened(name) as file:
        try:
            content = file.read(LARGEST_FILE + 1)
        except OSError as error:
            raise unreadable(name, error) from error
    if len(content) > LARGEST_FILE:
        raise CommandError(f"{shown(name)}: larger than {LARGEST_FILE // 10**6} MB", returncode=2)
    return content


def numbered_lines(name: str) -> Iterator[tuple[int, bytes]]:
    """The lines of a file that are not blank, each with its number."""
    with opened(name) as file:
        number = 0
        while True:
            try:
                line = file.readline(LARGEST_FILE + 1)
            except OSError as error:
                raise unreadable(name, error) from error
            number += 1
            if not line:
                return
            if len(line) > LARGEST_FILE:
                raise CommandError(
                    f"{shown(name)}, line {number}: larger than {LARGEST_FILE // 10**6} MB", returncode=2
                )
            if line.strip():
                yield number, line.rstrip()
