"""Questions asked together have the answers that each has alone, past the wall and behind it, whatever goes wrong."""

from collections.abc import Iterable
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import DataError, connection, transaction
from django.db.models import Count, QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bagage.accounts.models import User
from bagage.common.prepared import LONGEST, prepared
from bagage.common.together import Asking, asked, beside, side_by_side, together

pytestmark = pytest.mark.django_db


@prepared
def of_kinds(kinds: Iterable[str]) -> QuerySet[ContentType]:
    return ContentType.objects.filter(app_label__in=kinds).order_by("model")


@prepared
def with_permissions(kind: str) -> QuerySet[ContentType]:
    return ContentType.objects.filter(app_label=kind).prefetch_related("permission_set").order_by("pk")


@prepared
def how_many(kind: str) -> QuerySet[ContentType, int]:
    found = ContentType.objects.filter(app_label=kind).order_by().values("app_label")
    return found.annotate(count=Count("pk")).values_list("count", flat=True)


@prepared
def permissions_of(kind: str) -> QuerySet[Permission]:
    return Permission.objects.filter(content_type__app_label=kind).select_related("content_type")


@prepared
def numbered(number: int) -> QuerySet[ContentType]:
    return ContentType.objects.filter(pk=number)


@pytest.fixture(autouse=True)
def rows() -> None:
    for kind, model in (("even", "b"), ("even", "a"), ("odd", "c")):
        thing = ContentType.objects.create(app_label=kind, model=model)
        Permission.objects.create(content_type=thing, codename=f"see_{model}", name=model)


def test_each_has_the_answer_that_it_has_alone() -> None:
    questions = [
        of_kinds.of(["even", "odd"]),
        with_permissions.of("even"),
        how_many.of("even").wide("a number"),
        permissions_of.of("odd"),
        of_kinds.of([]),
        of_kinds.of(["odd"] * (LONGEST + 1)),
        how_many.of("nothing"),
    ]
    found = asked(questions)
    assert found == [question.answer() for question in questions]
    assert [row.model for row in found[0]] == ["a", "b", "c"]
    assert (found[2], found[4], found[6]) == ([2], [], [])
    with CaptureQueriesContext(connection) as more:
        assert [[one.codename for one in row.permission_set.all()] for row in found[1]] == [
            ["see_b"],
            ["see_a"],
        ]
        assert found[3][0].content_type.model == "c"
    assert len(more) == 0


def test_asked_together_they_are_as_many() -> None:
    questions = [of_kinds.of(["even"]), how_many.of("odd"), permissions_of.of("even")]
    asked(questions)
    with CaptureQueriesContext(connection) as one_by_one:
        for question in questions:
            question.answer()
    with CaptureQueriesContext(connection) as at_once:
        asked(questions)
    assert len(at_once) == len(one_by_one) == 3
    assert sorted(query["sql"] for query in at_once) == sorted(query["sql"] for query in one_by_one)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite is asked one question after the other")
def test_one_that_fails_is_said_and_the_next_is_answered() -> None:
    with pytest.raises(DataError), transaction.atomic():
        asked([of_kinds.of(["even"]), of_kinds.of(["\x00"]), how_many.of("odd")])
    assert asked([how_many.of("odd"), how_many.of("even")]) == [[1], [2]]


def test_what_is_made_of_the_answers_is_the_same_alone_and_beside_others() -> None:
    @together
    def of_one(kind: str) -> Asking[tuple[int, list[str]]]:
        if not kind:
            return 0, []
        counts, found = yield [how_many.of(kind), of_kinds.of([kind])]
        # What it wants to know next depends on what it heard.
        known = yield permissions_of.of(found[0].app_label)
        return counts[0], sorted(one.codename for one in known)

    @together
    def of_two(number: int) -> Asking[int]:
        return len((yield numbered.of(number)))

    @together
    def of_both(kind: str, number: int) -> Asking[tuple[object, object]]:
        one, two = yield from beside([of_one.asking(kind), of_two.asking(number)])
        return one, two

    assert of_one("even") == (2, ["see_a", "see_b"])
    assert of_one("") == (0, [])
    pk = ContentType.objects.get(model="c").pk
    assert side_by_side(
        [of_one.asking("odd"), of_two.asking(pk), of_one.asking(""), of_two.asking(0), of_one.asking("even")]
    ) == [(1, ["see_c"]), 1, (0, []), 0, (2, ["see_a", "see_b"])]
    assert of_both("odd", pk) == ((1, ["see_c"]), 1)
    assert side_by_side([of_both.asking("even", 0), of_one.asking("odd")]) == [
        ((2, ["see_a", "see_b"]), 0),
        (1, ["see_c"]),
    ]
    assert side_by_side([]) == []


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite plans nothing anew")
def test_what_is_asked_of_one_is_planned_for_any_and_nothing_else_is() -> None:
    @together
    def counted(kind: str) -> Asking[list[int]]:
        counts, _rows = yield [how_many.of(kind), of_kinds.of([kind])]
        return list(counts)

    def mode() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SHOW plan_cache_mode")
            return str(cursor.fetchone()[0])

    assert side_by_side([counted.asking("even"), counted.asking("odd")], of_one=True) == [[2], [1]]
    assert mode() == "auto"
    with pytest.raises(DataError), transaction.atomic():
        side_by_side([counted.asking("\x00")], of_one=True)
    assert mode() == "auto"


def test_moments_are_read_to_the_microsecond() -> None:
    @prepared
    def called(name: str) -> QuerySet[User]:
        return User.objects.filter(username=name)

    moments = [timezone.now().replace(microsecond=part) for part in (0, 1, 120_000, 999_999)]
    for number, moment in enumerate(moments):
        User.objects.create(username=f"u{number}", last_login=moment - timedelta(days=200 * number))
    found = asked([called.of(f"u{number}") for number in range(4)])
    assert [rows[0].last_login for rows in found] == [
        moment - timedelta(days=200 * number) for number, moment in enumerate(moments)
    ]
