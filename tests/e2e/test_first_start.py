"""An empty installation is usable: five questions in a browser, then a first appointment can be given."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from bagage.permanences.models import OpeningBlock, Site
from tests.e2e.walk import Visitor

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.xdist_group("e2e_first_start"),
    pytest.mark.django_db(transaction=True),
]

PASSWORD = "les canards du canal"


@pytest.fixture
def empty(transactional_db: None, settings: Any, tmp_path: Path) -> Iterator[str]:
    """The address of an installation that holds nothing yet: a server that never saw another."""
    cache.clear()
    settings.BAGAGE_HOME = tmp_path
    server = LiveServer("127.0.0.1")
    yield server.url
    server.stop()


@pytest.fixture(params=[pytest.param(360, marks=pytest.mark.smoke), 1280])
def claire(empty: str, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Visitor]:
    """The one who installs."""
    visitor = Visitor(browser, empty, request.param)
    yield visitor
    visitor.leave()


def test_first_start_from_nothing_to_today(claire: Visitor) -> None:
    page = claire.page
    page.goto("/")
    assert page.url.endswith("/first-start/")
    claire.screen("first start, the association")
    for name, text in {
        "name": "Les Passeurs du Canal",
        "city": "Lille",
        "first_name": "Claire",
        "username": "claire",
        "password": PASSWORD,
        "again": PASSWORD,
    }.items():
        page.fill(f"#id_{name}", text)
    claire.press("Suite : la permanence")
    claire.screen("first start, the permanence")
    for name, text in {"name": "Wazemmes", "address": "31 rue des Sarrazins", "town": "59000 Lille"}.items():
        page.fill(f"#id_{name}", text)
    claire.press("Suite : les horaires")
    claire.screen("first start, the hours")
    page.check("#id_open_0")
    page.fill("#id_a_0", "9 h")
    page.fill("[name=b_0]", "12 h 30")
    page.locator("[name=b_0]").blur()
    expect(page.locator("#say")).to_contain_text("lundi")
    claire.press("Suite : qui travaille ici")
    claire.screen("first start, the team")
    page.check("#id_also_me")
    page.fill("[name=people-0-first_name]", "Kadi")
    page.select_option("[name=people-0-role]", "adviser")
    claire.press("Suite : les messages")
    claire.screen("first start, the messages")
    page.locator("input[name=kind][value=paper]").check()
    claire.press("Ouvrir la permanence")
    page.wait_for_url("**/today/")
    claire.screen("today, the first day")
    assert Site.objects.get().hours.startswith("Mo")
    assert OpeningBlock.objects.filter(adviser__first_name="Kadi").count() > 0
