"""Lists: what is searched, filtered, sorted, cut into pages and taken away."""

import io
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import Count, QuerySet
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from bagage.common import exports, tables
from bagage.common.tables import Column, Filter, Table
from tests.strict import problems

pytestmark = pytest.mark.django_db


def make_rows(number: int) -> None:
    """Rows of a table that every project has: two kinds, names in the reverse of their keys."""
    ContentType.objects.bulk_create(
        ContentType(app_label="even" if index % 2 == 0 else "odd", model=f"m{999 - index:03d}")
        for index in range(number)
    )


def table(query: str = "", **options: Any) -> Table:
    """A table over those rows, as an address asks for it."""
    return Table(
        RequestFactory().get(f"/list/?{query}"),
        ContentType.objects.filter(app_label__in=["even", "odd"]),
        name="rows",
        title="Lignes",
        columns=[
            Column("model", "Nom", lambda row: row.model, sort=("model",), url=lambda row: f"/{row.model}"),
            Column("kind", "Genre", lambda row: row.app_label, sort=("app_label",), sub=lambda row: "<i>"),
            Column("raw", "Brut", lambda row: "=1+1", only="export"),
        ],
        filters=[
            Filter(
                "kind",
                "Genre",
                "Tous",
                lambda: [("even", "pairs"), ("odd", "impairs")],
                lambda rows, value: rows.filter(app_label=value),
            )
        ],
        search=lambda rows, text: rows.filter(model__contains=text),
        **{"default_sort": "model", "per_page": 2, **options},
    )


def names(shown: Table) -> list[str]:
    return [row.model for row in shown.found[: shown.per_page]]


def test_table_of_nothing_says_what_it_means() -> None:
    html = render_to_string("components/table.html", {"table": table(empty_title="Personne n’attend.")})
    assert "Personne n’attend." in html
    assert problems(html) == []


def test_table_is_cut_into_pages() -> None:
    make_rows(5)
    first, second, third = table(), table("page=2"), table("page=3")
    assert [names(first), names(second), names(third)] == [["m995", "m996"], ["m997", "m998"], ["m999"]]
    assert [first.previous_url, first.next_url] == ["", "/list/?page=2"]
    assert [second.previous_url, second.next_url] == ["/list/", "/list/?page=3"]
    assert [third.previous_url, third.next_url] == ["/list/?page=2", ""]


@pytest.mark.parametrize("page", ["0", "-1", "abc", "²", "99999999999", "", "1e3"])
def test_table_page_that_is_no_number_is_the_first(page: str) -> None:
    make_rows(3)
    assert table(f"page={page}").page == 1


def test_table_page_after_the_last_is_empty_and_leads_back() -> None:
    make_rows(1)
    late = table("page=7")
    assert late.rows == []
    assert late.previous_url == "/list/?page=6"


def test_table_sorts_both_ways_and_says_so() -> None:
    make_rows(3)
    shown = table("sort=-model")
    assert names(shown) == ["m999", "m998"]
    assert [column.direction for column in shown.columns] == ["descending", ""]
    assert [column.url for column in shown.columns] == ["/list/?sort=model", "/list/?sort=kind"]
    assert table().columns[0].url == "/list/?sort=-model"


@pytest.mark.parametrize("sort", ["pk", "raw", "--model", "model__length", "'; drop table"])
def test_table_sort_that_is_not_offered_is_the_default(sort: str) -> None:
    assert table(f"sort={sort}").sort == "model"


def test_table_sorted_by_equal_values_never_wavers() -> None:
    make_rows(6)
    found = [row for page in (1, 2, 3) for row in names(table(f"sort=kind&page={page}"))]
    assert len(found) == len(set(found)) == 6


@pytest.mark.parametrize(
    ("rows", "times"),
    [
        pytest.param(
            Permission.objects.filter(content_type__app_label="even"), 1, id="one row, one thing joined"
        ),
        pytest.param(
            ContentType.objects.filter(permission__codename="even"), 2, id="one row, several joined"
        ),
        pytest.param(
            ContentType.objects.filter(app_label="even").annotate(count=Count("permission")), 2, id="counted"
        ),
        pytest.param(ContentType.objects.filter(app_label="even").distinct(), 2, id="each once"),
    ],
)
def test_what_rows_are_chosen_by_is_asked_once_where_that_is_the_same(
    rows: QuerySet[Any], times: int
) -> None:
    """Once for the keys; for the rows again where one could come of it twice, or something be worked out from it."""
    make_rows(3)
    for thing in ContentType.objects.filter(app_label="even"):
        Permission.objects.create(content_type=thing, codename="even", name="x")
    shown = Table(RequestFactory().get("/list/"), rows, name="rows", title="Lignes", columns=[], per_page=5)
    with CaptureQueriesContext(connection) as asked:
        found = shown.found
    assert [row.pk for row in found] == [row.pk for row in rows.order_by("pk")]
    assert len(found) == 2
    assert [query["sql"].count("even") for query in asked] == [1, times - 1]


def in_parts(page: int, query: str = "") -> Table:
    """Those of an even kind by their names, then the others from the last to the first."""
    return table(
        f"page={page}&{query}",
        default_sort="",
        parts=[
            lambda rows: rows.filter(app_label="even").order_by("model"),
            lambda rows: rows.exclude(app_label="even").order_by("-model"),
        ],
    )


def test_table_in_parts_shows_one_after_the_other() -> None:
    make_rows(7)
    whole = ["m993", "m995", "m997", "m999", "m998", "m996", "m994"]
    assert [name for page in (1, 2, 3, 4) for name in names(in_parts(page))] == whole
    assert (in_parts(2).next_url, in_parts(4).next_url) == ("/list/?page=3", "")
    assert (names(in_parts(5)), in_parts(1).count) == ([], 7)
    exported = list(in_parts(1).exported())[1:]
    assert [row[0] for row in exported] == whole
    assert names(in_parts(1, "kind=odd")) == ["m998", "m996"]
    assert names(in_parts(1, "sort=model")) == ["m993", "m994"]


@pytest.mark.parametrize("per_page", [1, 2, 3, 5, 7, 9])
def test_table_in_parts_leaves_nobody_out_whatever_a_page_holds(per_page: int) -> None:
    make_rows(7)
    seen: list[str] = []
    for page in range(1, 9):
        shown = in_parts(page)
        shown.per_page = per_page
        seen += names(shown)
    assert seen == ["m993", "m995", "m997", "m999", "m998", "m996", "m994"]


def test_table_filters_and_offers_to_take_each_away() -> None:
    make_rows(5)
    shown = table("kind=odd&q=99&sort=-model&page=1")
    assert names(shown) == ["m998", "m996"]
    assert shown.total == "2"
    assert [chip.label for chip in shown.chips] == ["«\u00a099\u00a0»", "Genre\u00a0: impairs"]
    assert [chip.url for chip in shown.chips] == ["/list/?kind=odd&sort=-model", "/list/?q=99&sort=-model"]
    assert shown.kept == [("sort", "-model")]


def test_table_filter_value_that_is_not_offered_counts_as_none() -> None:
    make_rows(2)
    shown = table("kind=nothing")
    assert (shown.is_filtered, shown.count) == (False, 2)


def test_table_search_bears_what_a_database_would_refuse() -> None:
    make_rows(1)
    assert table("q=%00m").query == "m"
    assert len(table("q=" + "a" * 500).query) == 100


def test_table_draws_its_cells_escaped_and_linked() -> None:
    make_rows(1)
    html = render_to_string("components/table.html", {"table": table()})
    assert '<a href="/m999">m999</a>' in html
    assert "&lt;i&gt;" in html
    assert "Brut" not in html
    assert problems(html) == []


@pytest.mark.parametrize("number", [1, 3])
def test_table_asks_three_queries_whatever_its_length(number: int, django_assert_num_queries: Any) -> None:
    make_rows(number)
    with django_assert_num_queries(3):
        render_to_string("components/table.html", {"table": table(per_page=10)})


def test_table_foot_says_the_instant(clock: Any) -> None:
    make_rows(5)
    assert table("page=2").foot == "Ligne 3 à 4 de 5, arrêté à 10\u00a0h"


def test_table_counts_no_further_than_it_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "COUNTED", 3)
    make_rows(5)
    assert table().total == "plus de 3"


# ---------- files ----------
def test_csv_has_all_rows_of_the_filters_in_their_order() -> None:
    make_rows(5)
    shown = table("kind=even&sort=-model&page=2&export=csv")
    answer = shown.response()
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert text == "\ufeffNom;Genre;Brut\r\nm999;even;'=1+1\r\nm997;even;'=1+1\r\nm995;even;'=1+1\r\n"
    assert answer["Content-Disposition"].startswith('attachment; filename="bagage-rows-')


def test_csv_for_an_english_spreadsheet_is_split_by_commas() -> None:
    with translation.override("en"):
        assert "".join(exports.csv_lines([["a", Decimal("1.50")]])) == "\ufeffa,1.50\r\n"


@pytest.mark.parametrize("number", [1, 3])
def test_csv_asks_one_query_whatever_its_length(number: int, django_assert_num_queries: Any) -> None:
    make_rows(number)
    with django_assert_num_queries(1):
        list(table("export=csv").response())


@pytest.mark.parametrize(
    "typed", ["=1+1", "+33639984127", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1+1", "\n=cmd|'/c calc'!A0"]
)
def test_csv_runs_nothing_that_was_typed(typed: str) -> None:
    assert exports.csv_text(typed) == f"'{typed}"


def test_csv_values_in_french() -> None:
    paris = ZoneInfo("Europe/Paris")
    values = [
        None,
        True,
        False,
        12,
        Decimal("-10.50"),
        date(2026, 11, 26),
        datetime(2026, 11, 26, 9, 5, tzinfo=paris),
    ]
    assert [exports.csv_text(value) for value in values] == [
        "",
        "oui",
        "non",
        "12",
        "-10,50",
        "2026-11-26",
        "2026-11-26 09:05",
    ]


def test_xlsx_keeps_text_as_text_and_says_what_it_is(clock: Any) -> None:
    make_rows(2)
    answer = table("kind=even&export=xlsx").response()
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
    answer.close()
    assert [[cell.value for cell in row] for row in book["Lignes"].iter_rows()] == [
        ["Nom", "Genre", "Brut"],
        ["m999", "even", "=1+1"],
    ]
    assert book["Lignes"]["C2"].data_type == "s"
    assert [[cell.value for cell in row] for row in book["À propos"].iter_rows()] == [
        ["Liste", "Lignes"],
        ["Arrêtée le", "jeudi 26 novembre 2026, 10\u00a0h"],
        ["Filtres", "Genre\u00a0: pairs"],
    ]


def test_xlsx_bears_every_value() -> None:
    moment = datetime(2026, 11, 26, 9, 5, tzinfo=ZoneInfo("Europe/Paris"))
    values = [None, True, 12, Decimal("1.5"), date(2026, 11, 26), moment, "a\x07b"]
    assert [exports.xlsx_value(value) for value in values] == [
        None,
        "oui",
        12,
        Decimal("1.5"),
        date(2026, 11, 26),
        datetime(2026, 11, 26, 9, 5),
        "ab",
    ]


def test_sheet_title_is_one_that_a_workbook_takes() -> None:
    assert (
        exports.sheet_title("Orientations : reçues/envoyées [2026] et la suite")
        == "Orientations   reçues envoyées"[:31] + " "
    )


def test_table_that_may_not_be_exported_is_not() -> None:
    assert table("export=csv", may_export=False).export == ""
    assert table("export=pdf").export == ""
