"""One brick for every list page: search, filters, sort, pages, and the same list as CSV or XLSX.

In a view::

    table = Table(
        request,
        Person.objects.visible_to(request.user),
        name="people",
        title=_("Personnes"),
        columns=[
            Column("name", _("Nom"), lambda p: p.name, sort=("last_name", "first_name"), url=lambda p: p.url),
            Column("came_on", _("Venue le"), lambda p: p.came_on, sort=("came_on",), css="md"),
        ],
        filters=[Filter("state", _("État"), _("Tous les états"), STATES, lambda rows, value: rows.filter(state=value))],
        search=lambda rows, text: rows.filter(name__icontains=text),
        nouns=lambda n: ngettext("%(count)s personne", "%(count)s personnes", n),
    )
    if table.export:
        return table.response()
    return render(request, "people/person_list.html", {"table": table})

``parts`` are for an order that no index gives: "those that wait, the oldest first; then the others, the newest first"
is two of them, each narrowing and sorting the rows, one after the other.

In its template: ``{% include "components/table.html" %}``. Three queries a page whatever its length (plus prefetches):
how many rows, which ones, and these. Numbers and keys are read past the wall of PostgreSQL, rows never (decision 43).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import F, QuerySet
from django.db.models.expressions import OrderBy
from django.db.models.sql import Query
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, gettext_lazy

from bagage.common import words
from bagage.common.exports import csv_response, xlsx_response
from bagage.common.row_security import wide

Words = str | Promise
Rows = QuerySet[Any]

# Counting further costs more than it tells.
COUNTED = 10_000
PER_PAGE = 25
NOTHING_YET = gettext_lazy("Rien à montrer pour l’instant.")


@dataclass(frozen=True)
class Column:
    """One column: ``value`` feeds the screen and the export alike; what follows only changes the screen.

    ``sort`` are fields of ``order_by``; ``url`` makes the value a link; ``sub`` a second line; ``html`` replaces the
    cell whole. ``css``: ``r`` for figures, ``hide-phone`` to leave out on a phone.
    ``only`` is ``"screen"`` or ``"export"``.
    """

    name: str
    label: Words
    value: Callable[[Any], Any]
    sort: Sequence[str] = ()
    css: str = ""
    url: Callable[[Any], str] | None = None
    sub: Callable[[Any], Any] | None = None
    html: Callable[[Any], Any] | None = None
    only: str = ""


@dataclass(frozen=True)
class Filter:
    """One select: ``options`` are ``(value, label)`` pairs, or give them; ``apply`` narrows the rows."""

    name: str
    label: Words
    all_label: Words
    options: Sequence[tuple[str, Words]] | Callable[[], Iterable[tuple[str, Words]]]
    apply: Callable[[Rows, str], Rows]


@dataclass(frozen=True)
class ShownFilter:
    """A filter with the value chosen for it, for the template."""

    name: str
    label: Words
    all_label: Words
    options: list[tuple[str, str]]
    value: str


@dataclass(frozen=True)
class ShownColumn:
    """A column's head: where its link sorts, and how it is sorted now."""

    label: Words
    css: str
    url: str
    direction: str


@dataclass(frozen=True)
class Chip:
    """An active filter and the address without it."""

    label: str
    url: str


class Table:
    """A list as one person asked for it; see the module's text."""

    def __init__(
        self,
        request: HttpRequest,
        rows: Rows,
        *,
        name: str,
        title: Words,
        columns: Sequence[Column],
        filters: Sequence[Filter] = (),
        parts: Sequence[Callable[[Rows], Rows]] = (),
        search: Callable[[Rows, str], Rows] | None = None,
        search_hint: Words = "",
        default_sort: str = "",
        per_page: int = PER_PAGE,
        may_export: bool = True,
        nouns: Callable[[int], str] | None = None,
        counted: int | None = None,
        empty_icon: str = "inbox",
        empty_title: Words = NOTHING_YET,
        empty_text: Words = "",
    ) -> None:
        self.request, self.source, self.name, self.title = request, rows, name, title
        self.all_columns, self.all_filters, self.all_parts = columns, filters, parts
        self.search, self.search_hint = search, search_hint
        self.default_sort, self.per_page, self.may_export = default_sort, per_page, may_export
        self.nouns, self.counted = nouns, counted or COUNTED
        self.empty_icon, self.empty_title, self.empty_text = empty_icon, empty_title, empty_text
        self.fixed_at = timezone.now()

    # ---------- what was asked ----------
    @property
    def has_search(self) -> bool:
        """Whether there is a search box."""
        return self.search is not None

    @cached_property
    def query(self) -> str:
        """What is searched, cut at 100 characters; no NUL, which PostgreSQL refuses."""
        return self.request.GET.get("q", "").replace("\x00", "").strip()[:100] if self.search else ""

    @property
    def export(self) -> str:
        """``"csv"``, ``"xlsx"`` or ``""``."""
        asked = self.request.GET.get("export", "")
        return asked if self.may_export and asked in {"csv", "xlsx"} else ""

    @cached_property
    def filters(self) -> list[ShownFilter]:
        """The filters with what was chosen; a value that is not offered counts as none."""
        shown = []
        for one in self.all_filters:
            pairs = one.options() if callable(one.options) else one.options
            options = [(str(value), str(label)) for value, label in pairs]
            asked = self.request.GET.get(one.name, "")
            value = asked if asked in {value for value, _label in options} else ""
            shown.append(ShownFilter(one.name, one.label, one.all_label, options, value))
        return shown

    @cached_property
    def sort(self) -> str:
        """The column to sort by, after ``-`` when descending; the default when what was asked is unknown."""
        asked = self.request.GET.get("sort", "")
        sortable = {column.name for column in self.all_columns if column.sort}
        return asked if asked.removeprefix("-") in sortable else self.default_sort

    @property
    def is_filtered(self) -> bool:
        """Whether a search or a filter narrows the list."""
        return bool(self.query) or any(shown.value for shown in self.filters)

    @cached_property
    def page(self) -> int:
        """The page asked for, from 1."""
        asked = self.request.GET.get("page", "1")
        return (
            max(1, min(int(asked), 1_000_000))
            if asked.isascii() and asked.isdigit() and len(asked) < 8
            else 1
        )

    # ---------- the rows ----------
    @cached_property
    def narrowed(self) -> Rows:
        """All the rows that answer the search and the filters, in no order of ours."""
        rows = self.source
        if self.search and self.query:
            rows = self.search(rows, self.query)
        for one, shown in zip(self.all_filters, self.filters, strict=True):
            if shown.value:
                rows = one.apply(rows, shown.value)
        return rows

    @cached_property
    def parts(self) -> list[Rows]:
        """The same sorted, the key last, so that the order never wavers: one after the other, the whole list.

        One part, but where the list was given several and no other order is asked for.
        """
        rows = self.narrowed
        if not self.sort:
            if self.all_parts:
                return [part(rows) for part in self.all_parts]
            return [rows if rows.ordered else rows.order_by("pk")]
        descending = self.sort.startswith("-")
        column = next(one for one in self.all_columns if one.name == self.sort.removeprefix("-"))
        order: list[OrderBy | str] = [_order(rows, path, descending) for path in column.sort]
        return [rows.order_by(*order, "-pk" if descending else "pk")]

    @cached_property
    def count(self) -> int:
        """How many rows, counted up to ``counted`` + 1."""
        # By key alone: what is only marked on each row is not worked out to count it.
        with wide("a number"):
            return self.narrowed.order_by().values("pk")[: self.counted + 1].count()

    @cached_property
    def found(self) -> list[Any]:
        """The rows of this page, and one more if there is a next page."""
        # Only keys are sorted among all rows; what else is shown is read, and worked out, for those of this page.
        keys: list[int] = []
        skipped, wanted = (self.page - 1) * self.per_page, self.per_page + 1
        with wide("keys alone"):
            for number, part in enumerate(self.parts, 1):
                of_part = part.values_list("pk", flat=True)[skipped : skipped + wanted - len(keys)]
                keys += of_part
                if len(keys) == wanted or number == len(self.parts):
                    break
                skipped = 0 if of_part else skipped - part.order_by().count()
        return _of_keys(self.narrowed, keys) if keys else []

    @cached_property
    def rows(self) -> list[list[SafeString]]:
        """What the cells of this page show."""
        columns = self._columns("screen")
        return [[_cell(column, row) for column in columns] for row in self.found[: self.per_page]]

    @property
    def body(self) -> SafeString:
        """The rows as the table holds them. Written here: a template asks of each cell what is the same in all rows."""
        first, *others = self._columns("screen")
        opened = [format_html('<th scope="row" role="rowheader" class="{}">', first.css)]
        opened += [
            format_html(
                '<td role="cell" class="{}"><span class="cell-k" aria-hidden="true">{}</span><span class="cell-v">',
                column.css,
                column.label,
            )
            for column in others
        ]
        closed = ["</th>", *["</span></td>"] * len(others)]
        lines = (
            "".join(f"{start}{cell}{end}" for start, cell, end in zip(opened, row, closed, strict=True))
            for row in self.rows
        )
        # All of it was escaped: the cells by ``_cell``, what stands around them above.
        return mark_safe("".join(f'<tr role="row">{line}</tr>\n' for line in lines))

    def _columns(self, where: str) -> list[Column]:
        return [column for column in self.all_columns if column.only in ("", where)]

    # ---------- what the template shows ----------
    @cached_property
    def columns(self) -> list[ShownColumn]:
        """The heads of the columns."""
        shown = []
        for column in self._columns("screen"):
            direction = ""
            if self.sort and column.name == self.sort.removeprefix("-"):
                direction = "descending" if self.sort.startswith("-") else "ascending"
            turned = f"-{column.name}" if direction == "ascending" else column.name
            url = self._url(sort=turned, page=None) if column.sort else ""
            shown.append(ShownColumn(column.label, column.css, url, direction))
        return shown

    @cached_property
    def chips(self) -> list[Chip]:
        """What narrows the list, each with the address that takes it away."""
        chips = []
        if self.query:
            chips.append(Chip(words.quoted(self.query), self._url(q=None, page=None)))
        for shown in self.filters:
            if shown.value:
                label = dict(shown.options)[shown.value]
                chips.append(
                    Chip(
                        f"{words.before_colon(shown.label)} {label}",
                        self._url(**{shown.name: None, "page": None}),
                    )
                )
        return chips

    @property
    def kept(self) -> list[tuple[str, str]]:
        """Parameters that the form of filters carries on: the sort, and what the page around adds."""
        own = {"q", "page", "export", *(shown.name for shown in self.filters)}
        return [(name, str(value)) for name, value in self.request.GET.items() if name not in own]

    @property
    def previous_url(self) -> str:
        """The address of the page before, or ``""``."""
        return self._url(page=self.page - 1 if self.page > 2 else None) if self.page > 1 else ""

    @property
    def next_url(self) -> str:
        """The address of the next page, or ``""``."""
        return self._url(page=self.page + 1) if len(self.found) > self.per_page else ""

    @property
    def csv_url(self) -> str:
        """The address of this list as CSV."""
        return self._url(export="csv", page=None)

    @property
    def xlsx_url(self) -> str:
        """The address of this list as XLSX."""
        return self._url(export="xlsx", page=None)

    @property
    def reset_url(self) -> str:
        """The address of the whole list."""
        return self.request.path

    @property
    def total(self) -> str:
        """``"212 personnes"``, ``"plus de 10 000"``."""
        if self.count > self.counted:
            return gettext("plus de %(count)s") % {"count": _grouped(self.counted)}
        if self.nouns:
            return self.nouns(self.count) % {"count": _grouped(self.count)}
        return _grouped(self.count)

    @property
    def empty_filtered(self) -> str:
        """What to do when nothing answers the filters."""
        return gettext("Enlevez un filtre ou cherchez autrement.")

    @property
    def foot(self) -> str:
        """``"Ligne 1 à 50 de 212, arrêté à 10 h 12"``: the instant matters once it is printed or exported."""
        moment = words.hour(self.fixed_at)
        shown = len(self.found[: self.per_page])
        if not shown:
            return gettext("Arrêté à %(hour)s") % {"hour": moment}
        first = (self.page - 1) * self.per_page + 1
        return gettext("Ligne %(first)s à %(last)s de %(total)s, arrêté à %(hour)s") % {
            "first": _grouped(first),
            "last": _grouped(first + shown - 1),
            "total": self.total,
            "hour": moment,
        }

    def _url(self, **changes: object) -> str:
        """This page's address with some parameters changed; ``None`` removes one."""
        query = self.request.GET.copy()
        query.pop("export", None)
        for name, value in changes.items():
            query.pop(name, None)
            if value is not None:
                query[name] = str(value)
        encoded = query.urlencode()
        return f"{self.request.path}?{encoded}" if encoded else self.request.path

    # ---------- the list as a file ----------
    def response(self) -> HttpResponseBase:
        """The whole list, with the same filters and order, in the format that was asked."""
        filename = f"bagage-{self.name}-{timezone.localtime(self.fixed_at).strftime('%Y-%m-%d-%Hh%M')}"
        if self.export == "xlsx":
            return xlsx_response(
                filename,
                self.exported(),
                title=str(self.title),
                fixed_at=self.fixed_at,
                filters=[chip.label for chip in self.chips],
            )
        return csv_response(filename, self.exported())

    def exported(self) -> Iterator[list[Any]]:
        """The head, then each row, as values; rows are read by 2,000 so that memory stays flat."""
        columns = self._columns("export")
        yield [str(column.label) for column in columns]
        for part in self.parts:
            for row in part.iterator(chunk_size=2000):
                yield [column.value(row) for column in columns]


def first_rows(rows: Rows, limit: int) -> list[Any]:
    """The first of ``rows``, as a page of a table reads them: which ones, and then these."""
    with wide("keys alone"):
        keys = list(rows.values_list("pk", flat=True)[:limit])
    return _of_keys(rows, keys) if keys else []


def _of_keys(rows: Rows, keys: list[int]) -> list[Any]:
    """Those of ``rows`` whose keys these are, in the order of the keys.

    What they were chosen by is written down, and asked, for their keys alone; for the rows again only where a row could
    come of it twice, or something be worked out from it.
    """
    found = rows.filter(pk__among=keys).order_by()
    if isinstance(rows, QuerySet) and _is_each_once(rows.query):
        found.query.where = rows.model._base_manager.filter(pk__among=keys).query.where
    by_key = {row.pk: row for row in found}
    return [by_key[key] for key in keys if key in by_key]


def _is_each_once(query: Query) -> bool:
    """Whether each row comes of it once, and nothing of it but the row itself."""
    is_plain = query.group_by is None and not query.distinct and not query.combinator
    return is_plain and not any(map(_is_to_many, query.alias_map.values()))


def _is_to_many(joined: Any) -> bool:
    """Whether a row may have several of what is joined to it."""
    link = getattr(joined, "join_field", None)
    return link is not None and not (link.many_to_one or link.one_to_one)


def _order(rows: Rows, path: str, descending: bool) -> OrderBy:
    """One field, absent values last in both directions; where none can be absent, an index can give the order."""
    turned = path.startswith("-") != descending
    expression = F(path.removeprefix("-"))
    if not _may_be_absent(rows, path.removeprefix("-")):
        return expression.desc() if turned else expression.asc()
    return expression.desc(nulls_last=True) if turned else expression.asc(nulls_last=True)


def _may_be_absent(rows: Rows, path: str) -> bool:
    """Whether a value may be absent, as far as the model says; what is worked out for a row may."""
    model: Any = getattr(rows, "model", None)
    try:
        for part in path.split("__"):
            field = model._meta.get_field(part)
            if field.null or field.one_to_many or field.many_to_many:
                return True
            model = field.related_model
    except (AttributeError, FieldDoesNotExist):
        return True
    return False


def _cell(column: Column, row: Any) -> SafeString:
    """What one cell shows: escaped, linked, with its second line."""
    if column.html:
        return conditional_escape(column.html(row))
    shown = conditional_escape(screen_text(column.value(row)))
    if column.url:
        address = column.url(row)
        if address:
            shown = format_html('<a href="{}">{}</a>', address, shown)
    if column.sub:
        second = column.sub(row)
        if second:
            shown = format_html('{}<br><span class="xs soft">{}</span>', shown, second)
    return shown


def screen_text(value: Any) -> Any:
    """A value in words; an absent one is said, never left blank."""
    if value is None or value == "":
        return format_html('<span class="soft">{}</span>', gettext("on ne sait pas"))
    if isinstance(value, bool):
        return gettext("oui") if value else gettext("non")
    if isinstance(value, datetime):
        return f"{words.day_short(value)}, {words.hour(value)}"
    if isinstance(value, date):
        return words.day_short(value, year=value.year != timezone.localdate().year)
    if isinstance(value, time):
        return words.hour(value)
    if isinstance(value, Decimal):
        return words.money(value)
    if isinstance(value, int):
        return _grouped(value)
    return value


def _grouped(number: int) -> str:
    """``"12 000"``."""
    return str(number_format(number, use_l10n=True, force_grouping=True))
