"""Questions that do not wait for each other's answers go to PostgreSQL together.

A page of a person's file asks some fifty questions, and waits for each answer before it asks the next: for PostgreSQL
to wake up and answer, then for itself to. Those that need nothing of each other are sent one behind the other (its
*pipeline mode*); while it works out the later ones, the earlier become rows here. ::

    appointments, queue = asked([_of_day.of(site.pk, start, end), _who_waits.of(site.pk, start, end)])

Each activity asks for itself, so it says what it wants to know, and whoever puts a page together lets several of them
ask at once: ::

    @together
    def attention(user: User, site: Site) -> Asking[list[Attention]]:
        late = yield from _late.asking(site.pk)
        lost, found = yield [_lost.of(site.pk), _found.of(site.pk)]
        return [...]

    attention(user, site)  # alone: a list
    asks, rows = side_by_side([attention.asking(user, site), rows_of.asking(site)])

Within another of them it is ``yield from beside([…])``. On SQLite, which answers in this very process, all are asked
one after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from functools import update_wrapper
from typing import Any, Generic, ParamSpec, TypeVar

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections

from bagage.common.prepared import Question
from bagage.common.row_security import was_taken_back

Given = ParamSpec("Given")
Answer = TypeVar("Answer")
# What asks: it yields one question, and is given its rows, or several, and is given the rows of each; it returns what
# it makes of them.
Asking = Generator[Question[Any] | Sequence[Question[Any]], Any, Answer]


class Together(Generic[Given, Answer]):
    """See :func:`together`."""

    def __init__(self, ask: Callable[Given, Asking[Answer]]) -> None:
        update_wrapper(self, ask)
        self.asking = ask

    def __call__(self, *args: Given.args, **kwargs: Given.kwargs) -> Answer:
        """What it makes of the answers, asked by itself."""
        return _run(self.asking(*args, **kwargs))


def together(ask: Callable[Given, Asking[Answer]]) -> Together[Given, Answer]:
    """What yields its questions may be called as any function, or, by ``asking``, beside others."""
    return Together(ask)


def side_by_side(askings: Iterable[Asking[Any]], *, of_one: bool = False) -> list[Any]:
    """What each makes of its answers, in their order. What they want to know at the same time is asked at once.

    ``of_one``: every question is about one person, or one place. Then PostgreSQL plans it once, for any; left to
    choose, it plans some anew each time, for a gain that one of a hundred thousand does not have.
    """
    return _run(beside(askings), of_one=of_one)


def beside(askings: Iterable[Asking[Any]]) -> Asking[list[Any]]:
    """The same for who asks beside others in turn."""
    running = dict(enumerate(askings))
    results: dict[int, Any] = dict.fromkeys(running)
    answers: dict[int, Any] = dict.fromkeys(running)
    while True:
        wanted: dict[int, Question[Any] | Sequence[Question[Any]]] = {}
        for number, one in running.items():
            try:
                wanted[number] = one.send(answers[number])
            except StopIteration as end:
                results[number] = end.value
        if not wanted:
            return list(results.values())
        found = iter((yield [question for some in wanted.values() for question in _listed(some)]))
        for number, some in wanted.items():
            rows = [next(found) for _question in _listed(some)]
            answers[number] = rows[0] if isinstance(some, Question) else rows
        running = {number: running[number] for number in wanted}


def nothing() -> Asking[list[Any]]:
    """In the place of what this reader does not ask: no question, and no row."""
    return []
    yield


def _listed(some: Question[Any] | Sequence[Question[Any]]) -> Sequence[Question[Any]]:
    return [some] if isinstance(some, Question) else some


def _run(asking: Asking[Answer], *, of_one: bool = False) -> Answer:
    answer: Any = None
    while True:
        try:
            some = asking.send(answer)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
        rows = asked(_listed(some), of_one=of_one)
        answer = rows[0] if isinstance(some, Question) else rows


def asked(questions: Sequence[Question[Any]], *, of_one: bool = False) -> list[list[Any]]:
    """The rows of each question, in their order; ``of_one`` as in :func:`side_by_side`.

    Those read past the wall are sent last, so that it is said once.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    kept = [question for question in questions if question.is_kept]
    if len(kept) < 2 or connection.vendor != "postgresql" or not settings.KEPT_PLANS:
        return [question.answer() for question in questions]
    connection.ensure_connection()
    rows: dict[Question[Any], list[Any]] = {}
    raw = connection.connection
    try:
        with connection.wrap_database_errors, raw.pipeline():
            if of_one:
                raw.execute("SET plan_cache_mode = force_generic_plan")
            sent = [_Sent(connection, one) for one in sorted(kept, key=lambda one: bool(one.reads_wide))]
            if of_one:
                raw.execute("RESET plan_cache_mode")
            rows |= {one.question: one.rows() for one in sent if not one.question.prefetches}
    except BaseException:
        # All that was sent is one transaction: where a question fails, what was set beside it is taken back too.
        was_taken_back()
        raise
    # More is not asked while other questions are on their way.
    rows |= {one.question: one.rows() for one in sent if one.question.prefetches}
    return [rows[question] if question in rows else question.answer() for question in questions]


class _Sent:
    """A question on its way: for Django a connection, and a cursor, that have asked by now."""

    def __init__(self, connection: Any, question: Question[Any]) -> None:
        self.connection, self.question = connection, question
        self.real = connection.cursor()
        with question.reading():
            self.real.execute(question.sql, question.params)

    def rows(self) -> list[Any]:
        """The rows, as soon as they are there."""
        with self.question.reading():
            return list(self.question.rows(self))

    def cursor(self) -> _Sent:
        """As a connection: the cursor of this question."""
        return self

    def execute(self, sql: str, params: Any) -> None:
        """As a cursor: it was asked."""

    def fetchmany(self, size: int) -> Any:
        """As a cursor: the next rows."""
        return self.real.fetchmany(size)

    def close(self) -> None:
        """As a cursor."""
        self.real.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.connection, name)
