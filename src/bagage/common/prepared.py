"""Questions that are always worded alike: written down as SQL once, then only asked.

Writing a question of Django's down as SQL takes the processor several times as long as answering it, and a page of a
person's file asks fifty. On the small computer of one permanence that is most of what one waits for. ::

    @prepared
    def rights_of(files: Iterable[int]) -> QuerySet[AccessRight]:
        return AccessRight.objects.filter(person_id__in=files).order_by("-begins_on")

    rights_of([person.pk])  # a list

Many keys are given as ``Many(keys)``, for ``person__among=keys`` (``common/among.py``): one value, however many.

The function is called once for each *shape* of its arguments (how many in a list, of which types), with stand-ins:
values that no row has. What Django writes down is kept, and the stand-ins are found again in it; so it may only word
the question. A value worked out in it from an argument is not found again, which is refused; one that comes from
elsewhere (the time, a setting) would be asked for ever: ``now - timedelta(days=3)`` is worked out by whoever asks.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Hashable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, update_wrapper
from threading import Lock
from typing import Any, Generic, ParamSpec, TypeVar
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models.sql.compiler import SQLCompiler

from bagage.common.among import written_among
from bagage.common.row_security import wide

Asked = ParamSpec("Asked")
Row = TypeVar("Row")

# Lists of more values are asked the usual way: each length would be a wording of its own.
LONGEST = 40
KEPT = 64
# By kind, the stand-in number ``n`` and what Django makes of a value for the database.
STAND_INS: dict[type, Callable[[int], Any]] = {
    datetime: lambda n: datetime(2991, 1, 1, tzinfo=UTC) + timedelta(seconds=n),
    date: lambda n: date(2992, 1, 1) + timedelta(days=n),
    # Small enough for the smallest column.
    int: lambda n: 31_571 + n,
    UUID: lambda n: UUID(int=0xBA6A6E << 100 | n),
    str: lambda n: f"stand-in {n}",
}
WRITTEN: dict[type, models.Field[Any, Any]] = {
    datetime: models.DateTimeField(),
    date: models.DateField(),
    int: models.BigIntegerField(),
    UUID: models.UUIDField(),
    str: models.TextField(),
}


class Many(list[int]):
    """Keys that travel as one value."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands among the arguments: the ``at``-th, and in a list its ``item``."""

    at: int
    item: int | None
    kind: type

    def taken_from(self, values: list[Any], connection: Any) -> Any:
        """The value, as the database is given it."""
        value = values[self.at] if self.item is None else values[self.at][self.item]
        if self.kind is Many:
            return written_among(value, connection)
        return WRITTEN[self.kind].get_db_prep_value(value, connection)


@dataclass(slots=True)
class _Wording:
    """A question as it is kept: without ``compiler`` it can have no answer (an empty list)."""

    rows: models.QuerySet[Any]
    compiler: SQLCompiler | None = None
    sql: str = ""
    params: tuple[Any, ...] = ()
    # What makes Python of the columns, as Django works it out: the same for every asking.
    converters: Any = None


class Question(Generic[Row]):
    """One asking of a prepared question. Without a ``wording`` it is ``plain``: its lists are too long to be kept."""

    def __init__(
        self,
        values: list[Any],
        wording: _Wording | None = None,
        plain: models.QuerySet[Any, Row] | None = None,
    ) -> None:
        self.values, self.wording, self.plain = values, wording, plain
        self.reads_wide = ""

    def wide(self, name: str) -> Question[Row]:
        """The same, asked past the wall (``common/row_security.py``): numbers and keys are, rows never."""
        self.reads_wide = name
        return self

    def reading(self) -> AbstractContextManager[Any]:
        """How it is read."""
        return wide(self.reads_wide) if self.reads_wide else nullcontext()

    @property
    def is_kept(self) -> bool:
        """Whether its text is kept: else it is asked as any question, or can have no answer."""
        return self.wording is not None and self.wording.compiler is not None

    @property
    def prefetches(self) -> bool:
        """Whether more is asked once its rows are there."""
        return self.wording is not None and bool(self.wording.rows._prefetch_related_lookups)  # type: ignore[attr-defined]

    @property
    def sql(self) -> str:
        """Its text, where it is kept."""
        assert self.wording is not None
        return self.wording.sql

    @cached_property
    def params(self) -> tuple[Any, ...]:
        """The values in its text."""
        assert self.wording is not None
        connection = connections[DEFAULT_DB_ALIAS]
        return tuple(
            one.taken_from(self.values, connection) if isinstance(one, Place) else one
            for one in self.wording.params
        )

    def answer(self) -> list[Row]:
        """The rows, asked now."""
        with self.reading():
            return list(self.rows())

    def rows(self, connection: Any = None) -> models.QuerySet[Any, Row]:
        """Django's own rows, whose text is there already; ``connection`` may be one that has asked by now."""
        wording = self.wording
        if wording is None:
            assert self.plain is not None
            return self.plain
        if wording.compiler is None:
            return wording.rows.none()
        compiler = _like(wording.compiler)
        compiler.connection = connection or connections[DEFAULT_DB_ALIAS]
        compiler.as_sql = lambda *_, **__: (wording.sql, self.params)  # type: ignore[method-assign]
        compiler.get_converters = lambda *_: wording.converters  # type: ignore[method-assign]
        rows = _like(wording.rows)
        query = _like(wording.rows.query)
        query.get_compiler = lambda *_, **__: compiler
        rows._query = query  # type: ignore[attr-defined]
        return rows


class Prepared(Generic[Asked, Row]):
    """See :func:`prepared`."""

    def __init__(self, build: Callable[Asked, models.QuerySet[Any, Row]]) -> None:
        update_wrapper(self, build)
        self.build: Callable[..., models.QuerySet[Any, Row]] = build
        self.wordings: dict[tuple[Any, ...], _Wording] = {}
        self.lock = Lock()

    def __call__(self, *args: Asked.args, **kwargs: Asked.kwargs) -> list[Row]:
        """The rows. Arguments are given in their order: values, lists of values, ``None`` and truths as they are."""
        return self.of(*args, **kwargs).answer()

    def of(self, *args: Asked.args, **kwargs: Asked.kwargs) -> Question[Row]:
        """The question with these values, not asked yet: several are asked at once by ``common/together.py``."""
        if kwargs:
            raise TypeError(f"{self.build.__name__}() takes its values in their order")
        values = [list(one) if _is_list(one) else one for one in args]
        if any(isinstance(one, list) and not isinstance(one, Many) and len(one) > LONGEST for one in values):
            return Question(values, plain=self.build(*values))
        shape = tuple(_shape(one) for one in values)
        wording = self.wordings.get(shape)
        return Question(values, wording or self._word(shape, values))

    def asking(
        self, *args: Asked.args, **kwargs: Asked.kwargs
    ) -> Generator[Question[Row], list[Row], list[Row]]:
        """The same for ``beside`` of ``common/together.py``."""
        return (yield self.of(*args, **kwargs))

    def _word(self, shape: tuple[Any, ...], values: list[Any]) -> _Wording:
        connection = connections[DEFAULT_DB_ALIAS]
        places: dict[Any, Place] = {}

        def stand_in(at: int, item: int | None, value: Any) -> Any:
            if value is None or isinstance(value, bool):
                return value
            if isinstance(value, Many):
                if not value:
                    return Many()  # keys of nobody: what is asked by them is not in the text
                many = Many([STAND_INS[int](len(places) + 1)])
                places[_findable(written_among(many, connection))] = Place(at, item, Many)
                return many
            kind = _kind(value)
            one = STAND_INS[kind](len(places) + 1)
            places[WRITTEN[kind].get_db_prep_value(one, connection)] = Place(at, item, kind)
            return one

        rows = self.build(
            *[
                [stand_in(at, item, one) for item, one in enumerate(value)]
                if isinstance(value, list) and not isinstance(value, Many)
                else stand_in(at, None, value)
                for at, value in enumerate(values)
            ]
        )
        compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
        try:
            sql, params = compiler.as_sql()
        except EmptyResultSet:
            if [] not in values:  # a list of nothing, or keys of nobody
                raise TypeError(f"{self.build.__name__}() cannot be prepared: it words no question") from None
            wording = _Wording(rows)
        else:
            found = tuple(places.get(_findable(one), one) for one in params)
            if set(places.values()) - set(found):
                raise TypeError(
                    f"{self.build.__name__}() cannot be prepared: it does not ask with what it is given"
                )
            columns = [one[0] for one in compiler.select[: compiler.col_count]]
            wording = _Wording(rows, compiler, sql, found, compiler.get_converters(columns))
        with self.lock:
            if len(self.wordings) >= KEPT:
                self.wordings.clear()
            self.wordings[shape] = wording
        return wording


def prepared(build: Callable[Asked, models.QuerySet[Any, Row]]) -> Prepared[Asked, Row]:
    """A question that is worded once and then only asked; it answers with a list."""
    return Prepared(build)


def _findable(written: Any) -> Any:
    """A value of the text by which it can be looked up."""
    return written if isinstance(written, Hashable) else repr(written)


def _is_list(value: Any) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, str | bytes | Many)


def _shape(value: Any) -> Any:
    """What of an argument words the question otherwise."""
    if isinstance(value, Many):
        return Many, bool(value)
    if isinstance(value, list):
        return ("list", *map(_shape, value))
    if value is None or isinstance(value, bool):
        return value, type(value)
    return _kind(value)


def _kind(value: Any) -> type:
    # A datetime is a date too, a text of a choice is a text.
    return next(kind for kind in STAND_INS if isinstance(value, kind))


Thing = TypeVar("Thing")


def _like(thing: Thing) -> Thing:
    """Another with the same attributes. They are not copied: whoever asks reads them, and changes none."""
    other = object.__new__(type(thing))
    other.__dict__.update(thing.__dict__)
    return other
