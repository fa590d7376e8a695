"""A place keeps its record; someone here reads what it says, mends rows, joins and parts records."""

import json
from uuid import uuid4

import pytest
from django.urls import reverse

from bagage.accounts.domain.roles import Role
from bagage.common.links import make_token
from bagage.directory import services
from bagage.directory.models import Correction, Feed, FeedRow, LikelySame, Proposal, Structure
from bagage.directory.services import proposals
from bagage.trail.domain.actor import Actor
from bagage.trail.models import Entry
from tests.accounts.factories import Network, make_user
from tests.directory.factories import AT, make_place
from tests.directory.test_feeds import BY, row, table

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(client):
    network = Network()
    user = make_user(Role.LOCAL_OFFICER, network.lille, "Karim")
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return user


@pytest.fixture
def place():
    return make_place("Espace Curial", ("learn_basics",), hours="Mo-Fr 09:00-12:00", phone="+33142000000")


def own_url(place):
    return reverse("directory:own", args=[proposals.link_token(place)])


def answers(place, **changed):
    said = {
        "key": str(uuid4()),
        "phone": "01 42 00 00 00",
        "email": "",
        "website": "",
        "hours": "du lundi au vendredi de 9h à 12h",
        "closed_until": "",
        "services": ["learn_basics"],
        "words": "",
        "signed_by": "Inès, accueil",
    }
    return {**said, **changed}


def text_of(answer):
    return answer.content.decode().replace("\u00a0", " ")


def test_a_place_says_that_all_is_true_still(client, place):
    Network()
    url = own_url(place)
    page = client.get(url)
    assert page.status_code == 200
    assert "du lundi au vendredi de 9 h à 12 h" in text_of(page).lower()
    client.post(url, {"still_true": "1", "key": str(uuid4())})
    place.refresh_from_db()
    assert place.verified_on is not None
    assert Proposal.objects.count() == 0
    assert Entry.objects.filter(verb="directory.propose").count() == 1


def test_what_it_corrects_waits_and_holds_once_it_is_read(client, place, officer):
    client.logout()
    url = own_url(place)
    said = answers(
        place, hours="lundi de 14h à 18h, mardi de 9h à 12h30", services=["learn_basics", "get_device"]
    )
    assert client.post(url, said).status_code == 302
    assert client.post(url, said).status_code == 302
    proposal = Proposal.objects.get()
    assert proposal.values == {
        "hours": "Mo 14:00-18:00; Tu 09:00-12:30",
        "services": ["learn_basics", "get_device"],
    }
    place.refresh_from_db()
    assert place.hours == "Mo-Fr 09:00-12:00"
    client.force_login(officer, backend="allauth.account.auth_backends.AuthenticationBackend")
    page = text_of(client.get(reverse("directory:proposals")))
    assert "Inès, accueil" in page
    assert "Lundi de 14 h à 18 h" in page
    decide = reverse("directory:proposal_decide", args=[proposal.uuid])
    client.post(decide, {"field": ["hours"]})
    place.refresh_from_db()
    assert place.hours == "Mo 14:00-18:00; Tu 09:00-12:30"
    assert [service.need for service in place.services.all()] == ["learn_basics"]
    assert Correction.objects.get().proposal == proposal
    again = client.post(decide, {"field": ["hours"]})
    assert again.status_code == 409


def test_a_refusal_says_why(client, place, officer):
    proposals.propose(place, {"phone": "+33199000000"}, key=uuid4())
    decide = reverse("directory:proposal_decide", args=[Proposal.objects.get().uuid])
    assert client.post(decide, {"refuse": "1", "reason": " "}).status_code == 422
    client.post(decide, {"refuse": "1", "reason": "C’est le numéro d’un autre lieu."})
    place.refresh_from_db()
    assert (place.phone, Proposal.objects.get().state) == ("+33142000000", "refused")


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("hours", "quand on peut", "On ne lit pas ces horaires"),
        ("phone", "12", "On ne lit pas ce numéro"),
        ("website", "javascript:alert(1)", "Une adresse de site"),
        ("closed_until", "hier", "closed_until"),
        ("services", ["dance"], "services"),
    ],
)
def test_what_cannot_be_read_is_told_and_nothing_typed_is_lost(client, place, officer, field, value, words):
    said = answers(place, words="La porte est au fond", **{field: value})
    answer = client.post(own_url(place), said)
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert "La porte est au fond" in text_of(answer)
    assert Proposal.objects.count() == 0


def test_a_forged_or_other_link_opens_nothing(client, place, officer):
    token = proposals.link_token(place)
    for wrong in (token[:-2], f"{token}x", make_token("arrival", str(place.uuid), proposals.LINK_LIFE)):
        assert client.get(reverse("directory:own", args=[wrong])).status_code == 404


def test_the_link_is_handed_over_by_who_keeps_the_panorama(client, place, officer):
    answer = client.post(reverse("directory:own_link", args=[place.uuid]))
    assert "http://testserver/places/own/" in text_of(answer)
    assert Entry.objects.filter(verb="directory.send_link", thing=f"structure:{place.uuid}").count() == 1


def test_links_are_taken_back_and_the_next_one_opens(client, place, officer):
    other = make_place("Espace Riquet")
    old = make_token(proposals.PURPOSE, str(place.uuid), proposals.LINK_LIFE)
    given = [reverse("directory:own", args=[old]), own_url(place), own_url(place)]
    assert [client.get(url).status_code for url in given] == [200, 200, 200]
    screen = text_of(client.post(reverse("directory:own_link", args=[place.uuid])))
    end = reverse("directory:own_link_end", args=[place.uuid])
    assert f'action="{end}"' in screen
    assert "plus aucun n’ouvre sa fiche" in text_of(client.post(end, follow=True))
    client.logout()
    for url in given:
        page = client.get(url)
        assert page.status_code == 410
        assert "a été retiré par l’équipe" in text_of(page)
        assert "Espace Curial" not in text_of(page)
        assert client.post(url, answers(place, phone="01 99 00 00 00")).status_code == 410
    assert Proposal.objects.count() == 0
    # Those of other places, and those given from now on, until they are taken back in turn.
    again = own_url(place)
    assert client.get(own_url(other)).status_code == 200
    assert client.get(again).status_code == 200
    proposals.end_links(place, by=officer)
    assert client.get(again).status_code == 410
    rows = Entry.objects.filter(verb="directory.end_links", thing=f"structure:{place.uuid}")
    assert rows.count() == 2


def test_sources_say_which_fails_and_what_waits(client, officer):
    feed = services.make_feed(slug="carto", name="Carto", format="mediation", by=BY)
    services.load_feed(feed, table(row(1), row(2, nom="")), by=BY, at=AT)
    Feed.objects.filter(pk=feed.pk).update(failing_since=AT)
    page = text_of(client.get(reverse("directory:sources")))
    assert "Ne répond pas depuis" in page
    assert "1 ligne mise de côté" in page
    one = text_of(client.get(reverse("directory:source", args=[feed.uuid])))
    assert '<b>Ligne 3</b> <span class="soft">lieu-2</span>, colonne « nom » : vide' in one
    assert "Il manque le nom. Écrivez le nom dans la colonne « nom »." in one
    waiting = FeedRow.objects.get()
    mend = reverse("directory:row_mend", args=[waiting.uuid])
    refused = client.post(mend, {"v-nom": ""})
    assert refused.status_code == 422
    assert "Il manque le nom. Écrivez le nom dans la colonne « nom »." in text_of(refused)
    client.post(mend, {"v-nom": "Espace retrouvé", "v-forged": "x"})
    assert Structure.objects.get(source_id="lieu-2").name == "Espace retrouvé"
    assert client.post(mend, {"v-nom": "Encore"}).status_code == 404


def test_a_row_aside_says_what_stands_in_which_column(client, officer):
    feed = services.make_feed(slug="carto", name="Carto", format="data_inclusion", by=BY)
    content = [
        {"id": "1", "date_maj": "2026-03-02", "services": []},
        {"id": "s", "structure_id": "<absente>", "nom": "Aide"},
    ]
    services.load_feed(feed, json.dumps(content).encode(), by=BY, at=AT)
    # One that was set aside before columns were told.
    old = FeedRow.objects.create(
        feed=feed, key="vieille", number=9, values={"nom": ""}, faults=[{"code": "no_name"}], moved_at=AT
    )
    page = text_of(client.get(reverse("directory:source", args=[feed.uuid])))
    assert "colonne « structure_id » : « &lt;absente&gt; »" in page
    assert "Ajoutez la structure au fichier, ou corrigez « structure_id » à la source." in page
    assert '<b>Ligne 9</b> <span class="soft">vieille</span><br>' in page
    # A column that its file lacks is written here all the same.
    waiting = FeedRow.objects.get(key="1")
    assert 'name="v-nom"' in page
    client.post(reverse("directory:row_mend", args=[waiting.uuid]), {"v-nom": "Espace retrouvé"})
    assert Structure.objects.get(source_id="1").name == "Espace retrouvé"
    client.post(reverse("directory:row_mend", args=[old.uuid]), {"leave": "1"})
    old.refresh_from_db()
    assert old.state == "left"


def test_a_source_is_added_with_its_hour(client, officer):
    url = reverse("directory:source_new")
    said = {
        "name": "Carto 59",
        "url": "https://example.org/lieux.csv",
        "format": "mediation",
        "every_hours": "24",
    }
    assert client.post(url, {**said, "url": "carto"}).status_code == 422
    assert client.post(url, {**said, "every_hours": "0"}).status_code == 422
    assert client.post(url, said).status_code == 302
    feed = Feed.objects.get()
    assert (feed.slug, feed.every_hours, feed.url) == ("carto-59", 24, "https://example.org/lieux.csv")
    again = client.post(url, {**said, "url": "https://example.org/autre.csv"})
    assert again.status_code == 422
    assert "porte déjà ce nom" in text_of(again)
    change = reverse("directory:source_change", args=[feed.uuid])
    assert (
        client.post(change, {**said, "url": "https://example.org/autre.csv", "every_hours": "12"}).status_code
        == 302
    )
    feed.refresh_from_db()
    assert (feed.url, feed.every_hours) == ("https://example.org/autre.csv", 12)
    client.post(change, {"stop": "1"})
    feed.refresh_from_db()
    assert feed.stopped_at is not None


def test_likely_doubles_are_decided_on_one_screen(client, officer):
    one = make_place("Médiathèque Louise Michel", address="3 rue Haxo")
    two = make_place("Mediatheque Louise-Michel", address="3 Rue Haxo")
    services.propose_same([(two.source, two.source_id)], at=AT)
    pair = LikelySame.objects.get()
    assert "même adresse" in text_of(client.get(reverse("directory:likely")))
    decide = reverse("directory:likely_decide", args=[pair.uuid])
    assert client.post(decide, {"keep": str(uuid4())}).status_code == 422
    assert client.post(decide, {}).status_code == 422
    client.post(decide, {"keep": str(two.uuid)})
    one.refresh_from_db()
    assert one.same_as == two
    assert client.post(decide, {"keep": "apart"}).status_code == 409
    page = reverse("directory:structure", args=[one.uuid])
    assert "Les séparer" in text_of(client.get(page))
    client.post(reverse("directory:part_again", args=[one.uuid]))
    one.refresh_from_db()
    assert one.same_as is None
    assert client.post(reverse("directory:part_again", args=[one.uuid])).status_code == 409
    assert "Rien à décider." in text_of(client.get(reverse("directory:likely")))
    with pytest.raises(Exception, match="même fiche"):
        services.join(one, one, by=Actor.system("test"))
