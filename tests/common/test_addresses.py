"""Addresses that are kept are those that Django works out, whatever is in them and wherever the installation stands."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.template import Context, Template
from django.urls import NoReverseMatch, reverse, set_script_prefix

from bagage.common.addresses import address

KEYED = ["desk:person", "desk:appointment_step", "journeys:follow_up", "referrals:detail"]


@pytest.mark.parametrize("name", KEYED)
def test_an_address_with_a_key_is_that_of_django(name: str) -> None:
    for _time in range(3):
        key = uuid4()
        assert address(name, uuid=key) == address(name, key) == reverse(name, args=[key])


def test_an_address_without_a_key_and_with_another_value() -> None:
    assert address("desk:today") == reverse("desk:today")
    token = "a.b/c"
    assert address("referrals:arrival", token="abc") == reverse("referrals:arrival", args=["abc"])
    with pytest.raises(NoReverseMatch):
        address("referrals:arrival", token)
    with pytest.raises(NoReverseMatch):
        address("desk:person")
    with pytest.raises(NoReverseMatch):
        address("desk:nowhere", uuid=uuid4())


def test_an_address_below_a_path() -> None:
    key = uuid4()
    before = address("desk:person", uuid=key)
    set_script_prefix("/bagage/")
    try:
        assert address("desk:person", uuid=key) == f"/bagage{before}"
    finally:
        set_script_prefix("/")
    assert address("desk:person", uuid=key) == before


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('{% url "desk:person" uuid=key %}', "{person}"),
        ('{% url "desk:person" key %}', "{person}"),
        ('{% url "desk:person" uuid=key as her %}<{{ her }}>', "<{person}>"),
        ('{% url "desk:person" uuid=text %}', "{person}"),
        ('{% url "desk:nowhere" as gone %}<{{ gone }}>', "<>"),
        ('{% url "desk:nowhere" uuid=key as gone %}<{{ gone }}>', "<>"),
        ("{% url name %}", "{today}"),
    ],
)
def test_the_tag_of_templates(text: str, shown: str) -> None:
    key: Any = UUID("3f2504e0-4f89-41d3-9a0c-0305e82c3301")
    given = {"key": key, "text": str(key), "name": "desk:today"}
    found = Template(text).render(Context(given))
    assert found == shown.format(person=reverse("desk:person", args=[key]), today=reverse("desk:today"))


def test_the_tag_says_what_is_wrong() -> None:
    with pytest.raises(NoReverseMatch):
        Template('{% url "desk:person" %}').render(Context())
