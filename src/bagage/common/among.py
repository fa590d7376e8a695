"""``pk__among=keys``: one of many values, which travel as one.

Django's ``in`` gives each value a place of its own in the text of a question: 300 keys are 300 places to write, to
parse and to plan, and another number of keys is another text, which no database has planned yet. Here the text is the
same for any number of values. ::

    Person.objects.filter(pk__among=keys)

For columns of whole numbers (keys, and relations by ``person__among``) and of text; no other lookup is changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import Field, ForeignKey, IntegerField, Lookup
from django.db.models.fields import CharField, TextField

KINDS: tuple[tuple[type[Field[Any, Any]], type, str], ...] = (
    (IntegerField, int, "bigint"),
    (CharField, str, "text"),
    (TextField, str, "text"),
)


@Field.register_lookup
@ForeignKey.register_lookup
class Among(Lookup):  # type: ignore[type-arg]
    """See the module's text."""

    lookup_name = "among"

    def get_prep_lookup(self) -> list[Any]:
        """The values, each a whole number or a text as its column is; a row stands for its key."""
        if not isinstance(self.rhs, Iterable) or isinstance(self.rhs, str | bytes):
            raise TypeError(f"among takes values, not {self.rhs!r}")
        kind, _ = self._kind()
        return [kind(getattr(one, "pk", one)) for one in self.rhs]

    def _kind(self) -> tuple[type, str]:
        column: Any = self.lhs.output_field
        while isinstance(column, ForeignKey):
            column = column.target_field
        for field, kind, name in KINDS:
            if isinstance(column, field):
                return kind, name
        raise TypeError(f"among is for keys and texts, not for {type(column).__name__}")

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        """``column IN`` what one value holds, a list of JSON; on PostgreSQL ``= ANY`` of one array."""
        values = self.rhs
        if not values:
            raise EmptyResultSet
        column, params = self.process_lhs(compiler, connection)
        written = [*params, written_among(values, connection)]
        if connection.vendor == "postgresql":
            return f"{column} = ANY(%s::{self._kind()[1]}[])", written
        return f"{column} IN (SELECT value FROM json_each(%s))", written


def written_among(values: list[Any], connection: Any) -> Any:
    """The values as the database is given them, as one."""
    return list(values) if connection.vendor == "postgresql" else json.dumps(values)
