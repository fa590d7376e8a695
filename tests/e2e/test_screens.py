"""The screens that the walks do not pass: examined at both widths, in light and in dark, with something on them."""

import pytest
from playwright.sync_api import Error

from bagage.accounts.models import Organisation, User
from bagage.connection.models import Offer
from bagage.people.models import Person
from bagage.people.services import open_file
from bagage.permanences.models import Site
from tests.e2e.conftest import Arrive

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e_screens")]

PAGES = {
    "nadia": ["/more/", "/today/sheet/", "/people/", "/people/new/", "/messages/paper/", "/help/"],
    "karim": ["/today/", "/more/"],
    "helene": [
        "/people/{person}/interview/paper/",
        "/people/{person}/interview/entry/",
        "/people/{person}/same/",
        "/interview-form/",
    ],
    "elise": [
        "/referrals/links/",
        "/permanences/",
        "/permanences/{site}/",
        "/connection/catalogue/",
        "/connection/catalogue/?state=history",
        "/connection/catalogue/compare/",
        "/connection/catalogue/import/",
        "/connection/catalogue/lines/new/",
        "/connection/catalogue/lines/{line}/",
        "/connection/catalogue/lines/{line}/change/",
        "/connection/catalogue/lines/{line}/end/",
        "/connection/catalogue/lines/{line}/offers/new/",
        "/connection/catalogue/offers/{offer}/",
        "/connection/catalogue/offers/{offer}/replace/",
        "/connection/catalogue/offers/{offer}/end/",
    ],
    "lucie": ["/today/site/", "/permanences/{site}/blocks/", "/permanences/{site}/edit/"],
    "admin": [
        "/accounts/staff/",
        "/accounts/organisations/",
        "/messages/",
        "/messages/settings/",
        "/trail/",
        "/accounts/me/",
        "/components/",
    ],
}


def test_a_screen_with_faults_is_refused(arrive: Arrive) -> None:
    """The instrument sees what it must: grey on white, a field without a name, a page that is too wide, an error."""
    faults = {
        '<p class="opacity-25">On lit mal</p>': "color-contrast",
        '<input type="text">': "label",
        f'<p class="text-nowrap">{"Trop large " * 20}</p>': "scrolls sideways",
    }
    for body, told in faults.items():
        visitor = arrive(360)
        visitor.page.goto("/help/")
        visitor.page.evaluate(
            "body => document.querySelector('main').insertAdjacentHTML('beforeend', body)", body
        )
        with pytest.raises(AssertionError, match=told):
            visitor.screen("with a fault")
        visitor.said.clear()
    visitor = arrive(360)
    visitor.page.goto("/help/")
    with pytest.raises(Error, match="oh"):
        visitor.page.evaluate("setTimeout(() => { throw new Error('oh') }); throw new Error('oh')")
    visitor.page.wait_for_timeout(100)
    with pytest.raises(AssertionError, match="console"):
        visitor.screen("with an error")
    visitor.said.clear()


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("name", list(PAGES))
def test_screens_of(arrive: Arrive, width: int, name: str) -> None:
    visitor = arrive(width, name)
    node = Organisation.objects.get(name="Riquet, Paris 19e")
    site = Site.objects.get(organisation=node)
    person = Person.objects.whole().filter(followings__node=node, followings__ended_at=None).order_by("pk")[0]
    offer = Offer.objects.get(code="soleil-semaine", ends_on=None)
    named = {"person": person.uuid, "site": site.uuid, "offer": offer.uuid, "line": offer.line.uuid}
    for path in PAGES[name]:
        answer = visitor.page.goto(path.format(**named))
        assert answer is not None
        assert answer.status == 200, path
        visitor.screen(path)


@pytest.mark.parametrize("width", [360, 1280])
def test_who_is_she_before_a_file_is_opened(arrive: Arrive, width: int) -> None:
    """A walk-in has come before, under another spelling; two files become one, and two again; another site's is named
    no more than it must."""
    nadia = arrive(width, "nadia")
    page = nadia.page
    here = Organisation.objects.get(name="Riquet, Paris 19e")
    lille = Organisation.objects.get(name="Lille, Wazemmes")
    family = {360: "Abdirahman", 1280: "Gebremedhin"}[width]
    by = User.objects.get(username="nadia")
    first = open_file(chosen_name="Saada", family_name=family, birth_year=1988, node=here, by=by)
    far = open_file(chosen_name="Leila", family_name=family, birth_year=1991, node=lille, by=by)

    page.goto("/people/new/")
    nadia.write("Comment elle veut être appelée", "Sada")
    nadia.write("Nom de famille", family.replace("h", ""))
    nadia.press("Ouvrir le dossier")
    nadia.screen("is she one of these?")
    nadia.sees(first.full_name)
    nadia.press("Aucune : ouvrir un nouveau dossier")
    twin = Person.objects.get(chosen_name="Sada", family_name=family.replace("h", ""))
    nadia.screen("a new file")
    page.goto(f"/people/{twin.uuid}/same/")
    nadia.screen("the same person?")
    page.goto(f"/people/{twin.uuid}/same/{first.uuid}/")
    nadia.screen("two files side by side")
    nadia.press("Réunir les deux")
    nadia.screen("one person, one file")
    twin.refresh_from_db()
    first.refresh_from_db()
    assert {twin.merged_into, first.merged_into} in ({None, first}, {None, twin})
    nadia.press("Séparer")
    twin.refresh_from_db()
    first.refresh_from_db()
    assert (twin.merged_into, first.merged_into) == (None, None)

    page.goto("/people/look-up/")
    page.locator("#s").press_sequentially(f"leila {family} 1991")
    nadia.press("Chercher")
    nadia.screen("look-up, elsewhere")
    nadia.sees("Un dossier existe peut-être à Lille")
    assert far.full_name not in page.inner_text("#found")
    nadia.press("Demander à Lille")
    nadia.screen("to ask another site")
    assert far.full_name not in page.inner_text("main")
