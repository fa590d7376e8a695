"""The script of the pages, in a real browser: nothing typed is lost, nothing is sent twice, refusals are told."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.accounts.factories import make_root
from tests.browser import chromium
from tests.common import page_urls

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as one:
        yield one


@pytest.fixture
def context(browser: Browser, live_server: Any, settings: Any) -> Iterator[BrowserContext]:
    """A browser where "helene" is signed in, on the small site."""
    settings.ROOT_URLCONF = "tests.common.page_urls"
    page_urls.RECEIVED.clear()
    # An installation that is empty would lead to its first start.
    make_root()
    one = browser.new_context(
        base_url=live_server.url, viewport={"width": 360, "height": 780}, locale="fr-FR"
    )
    sign_in(one, live_server.url, "helene")
    yield one
    one.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page whose console must stay silent, but for what the server refuses on purpose."""
    one = context.new_page()
    said: list[str] = []
    one.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    one.on("pageerror", lambda error: said.append(str(error)))
    one.goto("/keep/")
    yield one
    expected = (
        "Failed to load resource",
        "Response Status Error Code",
        "htmx:sendError",
        "htmx:afterRequest",
    )
    assert [line for line in said if not line.startswith(expected)] == []


def sign_in(context: BrowserContext, url: str, name: str) -> None:
    context.add_cookies([{"name": "who", "value": name, "url": url}])


def type_all(page: Page, words: str = "Appels vidéo avec sa fille") -> None:
    page.fill("#id_words", words)
    page.select_option("#id_topic", "mail")
    page.locator("label.choice", has_text="papier").click()
    page.check("#id_agrees")
    page.fill("#id_secret", "un secret")
    # Longer than the pause after which a draft is kept.
    page.wait_for_timeout(400)


def typed(page: Page) -> list[Any]:
    return [
        page.input_value("#id_words"),
        page.input_value("#id_topic"),
        page.is_checked('input[name="way"][value="paper"]'),
        page.is_checked("#id_agrees"),
        page.input_value("#id_secret"),
    ]


ALL = ["Appels vidéo avec sa fille", "mail", True, True, ""]
NOTHING = ["", "", False, False, ""]


def stored(page: Page) -> str:
    return str(page.evaluate("JSON.stringify(sessionStorage)"))


def send(page: Page) -> None:
    page.get_by_role("button", name="Envoyer").click()


def test_draft_comes_back_after_a_reload_but_never_a_password(page: Page) -> None:
    type_all(page)
    assert "un secret" not in stored(page)
    assert "csrf" not in stored(page)
    page.reload()
    assert typed(page) == ALL
    expect(page.locator(".draft-note")).to_contain_text("Ce que vous aviez tapé est revenu.")


def test_draft_can_be_thrown_away(page: Page) -> None:
    type_all(page)
    page.reload()
    page.get_by_role("button", name="Effacer").click()
    assert typed(page) == NOTHING
    page.reload()
    assert typed(page) == NOTHING


def test_draft_is_gone_once_the_form_is_received(page: Page) -> None:
    type_all(page)
    send(page)
    page.wait_for_selector("#done")
    assert [row["words"] for row in page_urls.RECEIVED] == [ALL[0]]
    assert page_urls.RECEIVED[0]["do"] == "send"
    page.goto("/keep/")
    assert typed(page) == NOTHING


def test_form_is_sent_once_though_its_button_is_renewed_meanwhile(page: Page) -> None:
    """A part of a form that was just renewed may hold the very button that was pressed."""
    type_all(page)
    page.evaluate(
        """() => document.querySelector("form[data-keep]").addEventListener("submit", (event) => {
          const button = event.submitter, other = button.cloneNode(true);
          other.removeAttribute("aria-disabled");
          setTimeout(() => button.replaceWith(other), 0);
        }, { once: true })"""
    )
    send(page)
    page.wait_for_selector("#done")
    assert [(row["words"], row["do"]) for row in page_urls.RECEIVED] == [(ALL[0], "send")]


def test_form_with_an_error_keeps_the_values_and_says_where(page: Page) -> None:
    type_all(page, "une erreur")
    send(page)
    page.wait_for_selector(".errors")
    assert typed(page) == ["une erreur", *ALL[1:]]
    assert page.evaluate("document.activeElement.className").startswith("alert")
    assert page.locator(".draft-note").count() == 0


def test_form_without_network_stays_and_is_sent_once_it_is_back(page: Page, context: BrowserContext) -> None:
    type_all(page)
    context.set_offline(True)
    send(page)
    toast = page.locator(".toast")
    expect(toast).to_contain_text("Sans réseau")
    assert typed(page)[:4] == ALL[:4]
    assert page_urls.RECEIVED == []
    context.set_offline(False)
    toast.get_by_role("button", name="Réessayer").click()
    page.wait_for_selector("#done")
    assert len(page_urls.RECEIVED) == 1


@pytest.mark.parametrize("button", ["text=Envoyer", "#once"])
def test_form_pressed_twice_is_sent_once(page: Page, button: str) -> None:
    type_all(page)
    page.locator(button).dblclick(no_wait_after=True)
    page.wait_for_selector("#done")
    assert len(page_urls.RECEIVED) == 1


def test_draft_waits_for_its_owner_to_sign_in_again(
    page: Page, context: BrowserContext, live_server: Any
) -> None:
    type_all(page)
    context.clear_cookies(name="who")
    send(page)
    page.wait_for_selector("#door")
    assert page_urls.RECEIVED == []
    sign_in(context, live_server.url, "helene")
    page.goto("/keep/")
    assert typed(page) == ALL


def test_draft_is_never_shown_to_another_person(
    page: Page, context: BrowserContext, live_server: Any
) -> None:
    type_all(page)
    context.clear_cookies(name="who")
    send(page)
    page.wait_for_selector("#door")
    sign_in(context, live_server.url, "ines")
    page.goto("/keep/")
    assert typed(page) == NOTHING
    assert "Appels" not in stored(page)


def test_draft_is_gone_at_sign_out(page: Page) -> None:
    type_all(page)
    page.click("#out")
    page.wait_for_selector("#door")
    assert "Appels" not in stored(page)


def test_refusal_is_a_toast_and_the_page_stays(page: Page) -> None:
    page.click("#refuse")
    expect(page.locator(".toast")).to_contain_text("Le plafond de 30 € est atteint.")
    assert page.inner_text("#zone") == "intact"


def test_what_no_draft_keeps_is_said_to_live_in_this_page_alone(page: Page, context: BrowserContext) -> None:
    context.set_offline(True)
    page.click("#tick")
    expect(page.locator(".toast")).to_contain_text("Restez sur cette page")
    context.set_offline(False)
    page.click("#live-send")
    expect(page.locator("#zone")).to_have_text("noté")


def test_breakdown_is_a_toast_and_the_page_stays(page: Page) -> None:
    page.click("#broken")
    expect(page.locator(".toast")).to_contain_text("Le serveur n’a pas pu répondre.")
    assert page.inner_text("#zone") == "intact"


def test_session_that_ended_leads_to_the_door_and_keeps_what_was_typed(page: Page) -> None:
    type_all(page)
    page.click("#gone")
    page.wait_for_selector("#door")
    assert page.url.endswith("/door/")
    page.goto("/keep/")
    assert typed(page) == ALL


def test_htmx_form_is_received_and_its_draft_forgotten(page: Page) -> None:
    page.fill("#note", "à rappeler")
    page.wait_for_timeout(400)
    page.click("#live-send")
    expect(page.locator("#zone")).to_have_text("noté")
    assert [row["note"] for row in page_urls.RECEIVED] == ["à rappeler"]
    assert "rappeler" not in stored(page)


def test_colours_are_kept_on_this_device(page: Page) -> None:
    page.select_option("[data-theme-choice] select", "dark")
    page.goto("/done/")
    assert page.get_attribute("html", "data-bs-theme") == "dark"
    page.select_option("[data-theme-choice] select", "auto")
    page.reload()
    assert page.get_attribute("html", "data-bs-theme") is None
