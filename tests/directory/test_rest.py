"""The panorama for programs: what anyone may read, what is refused and how, what never drifts."""

from datetime import datetime, timedelta

import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bagage.accounts.models import User
from bagage.accounts.services import make_api_token
from bagage.common.ratelimit import PUBLIC
from bagage.directory import services
from bagage.directory.models import Feed, Structure
from tests.accounts.factories import Network
from tests.directory.factories import AT, HERE, make_place
from tests.directory.test_feeds import BY, row, table

pytestmark = pytest.mark.django_db
NEAR = f"{HERE[0]},{HERE[1]}"


@pytest.fixture(autouse=True)
def _begin_again():
    PUBLIC.forget()
    yield
    PUBLIC.forget()


@pytest.fixture
def anyone() -> Client:
    """Nobody in particular, at an installation that is set up."""
    Network()
    return Client()


def get(client, name, query=None, **kwargs):
    return client.get(reverse(f"api:{name}", kwargs=kwargs), query or {})


def test_anyone_may_search_and_learns_why_and_what_is_unknown(anyone):
    make_place("Espace Curial", ("learn_basics",), cost="free")
    make_place("Ailleurs", ("get_device",), north_km=0.4)
    answer = get(anyone, "services", {"near": NEAR, "need": "learn_basics", "size": "5"})
    assert answer.status_code == 200
    body = answer.json()
    first = body["results"][0]
    assert first["name"] == "Espace Curial"
    assert first["fit"] == "all"
    assert first["identifiers"] == [
        {"source": "mediation:essai", "id": Structure.objects.get(name="Espace Curial").source_id}
    ]
    assert [service["need"] for service in first["services"]] == ["learn_basics"]
    assert "hours" in first["unknown"]
    assert body["sources_failing"] == []
    assert answer["Access-Control-Allow-Origin"] == "*"


def test_a_source_that_does_not_answer_is_said(anyone):
    Feed.objects.create(slug="carto", name="Carto", format="mediation", created_at=AT, failing_since=AT)
    body = get(anyone, "services", {"near": NEAR}).json()
    assert [(each["source"], datetime.fromisoformat(each["since"])) for each in body["sources_failing"]] == [
        ("carto", AT)
    ]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ({"near": "nulle-part-xyz"}, "near"),
        ({"near": "95.0,2.0"}, "near"),
        ({"need": "dance"}, "need"),
        ({"when": "jeudi"}, "when"),
        ({"size": "0"}, "size"),
        ({"size": "101"}, "size"),
        ({"size": "1\u0661"}, "size"),
        ({"offset": "-1"}, "offset"),
        ({"cost": "cheap"}, "cost"),
        ({"kind": "castle"}, "kind"),
        ({"language": "a b"}, "language"),
        ({"radius_km": "nan"}, "radius_km"),
        ({"text": "x" * 201}, "text"),
        ({"text": "a\x00b"}, "text"),
        ({"size": ["1", "2"]}, "size"),
    ],
)
def test_what_breaks_a_rule_is_named(anyone, query, parameter):
    answer = get(anyone, "services", query)
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert [each["parameter"] for each in answer.json()["problems"]] == [parameter]
    assert answer.json()["problems"][0]["rule"]


def test_who_asks_too_often_waits_and_a_key_may_ask_more(anyone, settings):
    settings.PUBLIC_API_RATE = 2
    codes = [get(anyone, "places").status_code for _time in range(3)]
    assert codes == [200, 200, 429]
    answer = get(anyone, "places")
    assert int(answer["Retry-After"]) > 0
    user = User.objects.get(first_name="Hélène")
    made = make_api_token(user, name="tableau", ends_on=timezone.localdate(), by=user)
    key = {"HTTP_AUTHORIZATION": f"Bearer {made.secret}"}
    assert [anyone.get(reverse("api:places"), **key).status_code for _time in range(5)] == [200] * 5
    wrong = anyone.get(reverse("api:places"), HTTP_AUTHORIZATION="Bearer bagage_forged")
    assert wrong.status_code == 401
    assert wrong["WWW-Authenticate"].startswith("Bearer")


def test_one_place_with_all_that_is_published_of_it(anyone):
    place = make_place("Espace Curial", ("learn_basics",), phone="+33142000000", hours="Mo-Fr 09:00-12:00")
    body = get(anyone, "place", uuid=place.uuid).json()
    assert body["name"] == "Espace Curial"
    assert body["phone"] == "+33142000000"
    assert body["source"] == {
        "name": "mediation:essai",
        "id": place.source_id,
        "url": "",
        "licence": "Licence Ouverte 2.0",
        "date": None,
    }
    assert body["links"]["hsds"] == reverse("hsds:organization", kwargs={"uuid": place.uuid})
    missing = get(anyone, "place", uuid="00000000-0000-0000-0000-000000000000")
    assert missing.status_code == 404


def test_pages_neither_pass_over_nor_repeat_while_places_come_and_go(anyone):
    before = {str(make_place(f"Lieu {number}").uuid) for number in range(7)}
    seen: list[str] = []
    url = f"{reverse('api:places')}?size=3"
    while url:
        body = anyone.get(url).json()
        seen += [each["id"] for each in body["results"]]
        # A place comes and one goes between two pages.
        make_place()
        url = body["next"]
    assert len(seen) == len(set(seen))
    assert before <= set(seen)


def test_what_is_written_while_changes_are_followed_is_not_passed_over(anyone):
    """A reading of a source stamps each piece when it is written; the last seconds are held back."""
    feed = services.make_feed(slug="essai", name="Essai", format="mediation", by=BY)
    for count in (10, 20):
        services.load_feed(feed, table(*(row(number) for number in range(count))), by=BY)
    stamps = list(Structure.objects.order_by("pk").values_list("changed_at", flat=True))
    assert stamps == sorted(stamps)
    assert stamps[0] < stamps[-1]
    assert get(anyone, "place_changes").json()["results"] == []
    Structure.objects.update(changed_at=F("changed_at") - timedelta(minutes=1))
    assert len(get(anyone, "place_changes").json()["results"]) == 20


def test_wrong_keys_are_not_tried_for_ever(anyone, settings):
    settings.PUBLIC_API_RATE = 1
    wrong = {"HTTP_AUTHORIZATION": "Bearer bagage_forged"}
    codes = [anyone.get(reverse("api:places"), **wrong).status_code for _time in range(11)]
    assert codes == [401] * 10 + [429]


def test_changes_are_followed_from_where_one_stopped(anyone):
    places = [
        make_place(f"Lieu {number}", changed_at=AT + timedelta(minutes=number // 2)) for number in range(5)
    ]
    first = get(anyone, "place_changes", {"size": "3"}).json()
    second = anyone.get(first["next"]).json()
    order = [each["place"]["name"] for each in first["results"] + second["results"]]
    assert order == [f"Lieu {number}" for number in range(5)]
    assert second["next"] is None
    Structure.objects.filter(pk=places[0].pk).update(
        ended_at=AT + timedelta(hours=1), changed_at=AT + timedelta(hours=1)
    )
    after = get(anyone, "place_changes", {"after": second["after"]}).json()
    assert [(each["change"], each["place"]["name"]) for each in after["results"]] == [("ended", "Lieu 0")]
    again = get(anyone, "place_changes", {"after": after["after"]}).json()
    assert again["results"] == []
    assert again["after"] == after["after"]


@pytest.mark.parametrize(
    "query",
    [{"after": "é"}, {"after": "AAAA"}, {"since": "yesterday"}, {"since": "0001-01-01T00:00:00+23:59"}],
)
def test_a_forged_cursor_is_refused(anyone, query):
    assert get(anyone, "place_changes", query).status_code == 422


def test_queries_are_as_many_whatever_the_number_of_places(anyone, django_assert_num_queries):
    make_place("Lieu", ("learn_basics",))
    with django_assert_num_queries(2):
        get(anyone, "places")
    for number in range(3):
        make_place(f"Autre {number}", ("get_device", "learn_basics"))
    with django_assert_num_queries(2):
        get(anyone, "places")
    with django_assert_num_queries(2):
        get(anyone, "place_changes")
