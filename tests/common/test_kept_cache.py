"""What all processes share is kept in one statement, as Django would keep it."""

import threading
from typing import Any

import pytest
from django.core.cache import DEFAULT_CACHE_ALIAS, caches
from django.db import DatabaseError, connection, transaction
from pytest_django import DjangoAssertNumQueries

from bagage.common.kept_cache import KeptCache

pytestmark = pytest.mark.django_db


@pytest.fixture
def store() -> KeptCache:
    kept = caches[DEFAULT_CACHE_ALIAS]
    assert isinstance(kept, KeptCache)
    kept.clear()
    return kept


@pytest.mark.parametrize("value", [0, "é", b"\x00", None, [1.5, ("a", {"b": 2})], "x" * 100_000])
def test_set_keeps_any_value_and_renews_it(store: KeptCache, value: Any) -> None:
    store.set("one", "before", 60)
    store.set("one", value, 60)
    assert store.get("one", "nothing") == value


def test_set_and_add_are_one_question_each(
    store: KeptCache, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _time in range(2):
        with django_assert_num_queries(2):
            store.set("one", 1, 60)
            store.add("two", 1, 60)


def test_add_keeps_only_where_nothing_holds(store: KeptCache) -> None:
    assert store.add("one", 1, 60)
    assert not store.add("one", 2, 60)
    assert store.get("one") == 1
    store.set("one", 1, -5)
    assert store.add("one", 3, 60)
    assert store.get("one") == 3
    store.delete("one")
    assert store.add("one", 4, 60)


def test_touch_and_what_has_no_end_are_left_to_django(store: KeptCache) -> None:
    store.set("one", 1, 60)
    assert store.touch("one", -5)
    assert store.get("one") is None
    assert not store.touch("one", 60)
    store.set("always", 1, None)
    store.set("always", 2, None)
    assert store.get("always") == 2


def test_what_cannot_be_kept_is_told_inside_a_transaction(
    store: KeptCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_table", "nowhere")
    with pytest.raises(DatabaseError), transaction.atomic():
        store.set("one", 1, 60)


@pytest.mark.django_db(transaction=True)
def test_what_cannot_be_kept_outside_a_transaction_is_not_kept(
    store: KeptCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_table", "nowhere")
    assert not store.add("one", 1, 60)


@pytest.mark.django_db(transaction=True)
def test_of_many_who_add_at_once_one_does(store: KeptCache) -> None:
    added: list[bool] = []

    def add() -> None:
        try:
            added.append(bool(store.add("one", 1, 60)))
        finally:
            connection.close()

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(added) == [False] * 7 + [True]
