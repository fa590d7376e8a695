"""Questions that are always worded alike: written down as SQL once, then only asked.

Writing a question of Django's down as SQL takes the processor several times as long as answering it, and a page of a
person's file asks fifty. On the small computer of one permanence that is most of what one waits for. ::

    @prepared
    def rights_of(files: Iterable[int]) -> QuerySet[AccessRight]:
        return AccessRight.objects.filter(person_id__in=files).order_by("-begins_on")

    rights_of([person.pk])  # a list

The function is called once for each *shape* of its arguments (how many in a list, of which types), with stand-ins:
values that no row has. What Django writes down is kept, and the stand-ins are found again in it; so it may only word
the question. A value worked out in it from an argument is not found again, which is refused; one that comes from
elsewhere (the time, a setting) would be asked for ever: ``now - timedelta(days=3)`` is worked out by whoever asks.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import update_wrapper
from threading import Lock
from typing import Any, Generic, ParamSpec, TypeVar
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models.sql.compiler import SQLCompiler

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


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands among the arguments: the ``at``-th, and in a list its ``item``."""

    at: int
    item: int | None
    kind: type

    def taken_from(self, values: list[Any], connection: Any) -> Any:
        """The value, as the database is given it."""
        value = values[self.at] if self.item is None else values[self.at][self.item]
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


class Prepared(Generic[Asked, Row]):
    """See :func:`prepared`."""

    def __init__(self, build: Callable[Asked, models.QuerySet[Any, Row]]) -> None:
        update_wrapper(self, build)
        self.build: Callable[..., models.QuerySet[Any, Row]] = build
        self.wordings: dict[tuple[Any, ...], _Wording] = {}
        self.lock = Lock()

    def __call__(self, *args: Asked.args, **kwargs: Asked.kwargs) -> list[Row]:
        """The rows. Arguments are given in their order: values, lists of values, ``None`` and truths as they are."""
        values = [list(one) if _is_list(one) else one for one in args]
        if kwargs:
            raise TypeError(f"{self.build.__name__}() takes its values in their order")
        if any(isinstance(one, list) and len(one) > LONGEST for one in values):
            return list(self.build(*values))
        shape = tuple(_shape(one) for one in values)
        wording = self.wordings.get(shape)
        if wording is None:
            wording = self._word(shape, values)
        if wording.compiler is None:
            return []
        return list(_asked(wording, values))

    def _word(self, shape: tuple[Any, ...], values: list[Any]) -> _Wording:
        connection = connections[DEFAULT_DB_ALIAS]
        places: dict[Any, Place] = {}

        def stand_in(at: int, item: int | None, value: Any) -> Any:
            if value is None or isinstance(value, bool):
                return value
            kind = _kind(value)
            one = STAND_INS[kind](len(places) + 1)
            places[WRITTEN[kind].get_db_prep_value(one, connection)] = Place(at, item, kind)
            return one

        rows = self.build(
            *[
                [stand_in(at, item, one) for item, one in enumerate(value)]
                if isinstance(value, list)
                else stand_in(at, None, value)
                for at, value in enumerate(values)
            ]
        )
        compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
        try:
            sql, params = compiler.as_sql()
        except EmptyResultSet:
            if [] not in values:
                raise TypeError(f"{self.build.__name__}() cannot be prepared: it words no question") from None
            wording = _Wording(rows)
        else:
            found = tuple(places.get(one, one) if isinstance(one, Hashable) else one for one in params)
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


def _is_list(value: Any) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, str | bytes)


def _shape(value: Any) -> Any:
    """What of an argument words the question otherwise."""
    if isinstance(value, list):
        return ("list", *map(_shape, value))
    if value is None or isinstance(value, bool):
        return value, type(value)
    return _kind(value)


def _kind(value: Any) -> type:
    # A datetime is a date too, a text of a choice is a text.
    return next(kind for kind in STAND_INS if isinstance(value, kind))


def _asked(wording: _Wording, values: list[Any]) -> models.QuerySet[Any, Any]:
    """The question with these values: Django's own rows, whose text is there already."""
    assert wording.compiler is not None
    connection = connections[DEFAULT_DB_ALIAS]
    params = tuple(
        one.taken_from(values, connection) if isinstance(one, Place) else one for one in wording.params
    )
    compiler = _like(wording.compiler)
    compiler.connection = connection
    compiler.as_sql = lambda *_, **__: (wording.sql, params)  # type: ignore[method-assign]
    compiler.get_converters = lambda *_: wording.converters  # type: ignore[method-assign]
    rows = _like(wording.rows)
    query = _like(wording.rows.query)
    query.get_compiler = lambda *_, **__: compiler
    rows._query = query  # type: ignore[attr-defined]
    return rows


Thing = TypeVar("Thing")


def _like(thing: Thing) -> Thing:
    """Another with the same attributes. They are not copied: whoever asks reads them, and changes none."""
    other = object.__new__(type(thing))
    other.__dict__.update(thing.__dict__)
    return other
