"""Tables of places by the wizard of imports: read, compared with the panorama, written as a source, taken back."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from django.urls import reverse

from bagage.accounts.domain.roles import Role
from bagage.directory.models import Correction, Feed, Structure
from bagage.directory.queries import search_services
from bagage.directory.services import correct
from bagage.directory.words import source_words
from bagage.imports import services
from bagage.imports.kinds import kind_named
from bagage.imports.models import Row
from bagage.trail.models import Entry
from tests.directory.factories import make_place
from tests.imports.factories import Ground, codes, read, states
from tests.people.factories import make_user

pytestmark = pytest.mark.django_db
RAW = Path(__file__).parent / "data" / "raw"
HEADINGS = "Réf;Nom du lieu;Adresse;Code postal;Ville;Tél;Horaires;Activités;Couleur des murs"
ROWS = (
    "L1;Médiathèque du Canal;12 rue Riquet;75019;Paris;01 40 05 00 01;Mo-Fr 09:00-12:00;Initiation|Accès wifi;jaune",
    "L2;Espace des Tilleuls;3 place Noire;38000;Grenoble;;;Démarches administratives;",
    ";Maison sans nom de rue;;38000;Grenoble;;;;",
    "L4;;1 rue Nue;38000;Grenoble;;;;",
)


@pytest.fixture
def ground(now):
    return Ground()


@pytest.fixture
def keeper(ground):
    return make_user(ground.network.root, Role.ADMINISTRATOR, "Claire")


@pytest.fixture
def brought(ground, keeper):
    """What brings a list of places in at the root, looked at."""

    def bring(rows=ROWS, headings=HEADINGS, **options):
        wanted = {
            "kind": "places",
            "node": ground.network.root,
            "by": keeper,
            "headings": headings,
            **options,
        }
        return read(ground, rows, **wanted)

    return bring


def fields_of(batch):
    return {column["heading"]: column["field"] for column in batch.columns}


def test_columns_are_guessed_and_rows_read_as_places(brought, keeper):
    batch = brought()
    assert fields_of(batch) == {
        "Réf": "id", "Nom du lieu": "name", "Adresse": "address", "Code postal": "postcode", "Ville": "city",
        "Tél": "phone", "Horaires": "hours", "Activités": "services", "Couleur des murs": "",
    }  # fmt: skip
    assert states(batch) == {2: "to_write", 3: "to_write", 4: "to_write", 5: "set_aside"}
    assert codes(batch) == {5: ["no_name"]}
    services.write_batch(batch, by=keeper)
    place = Structure.objects.get(name="Médiathèque du Canal")
    assert (place.commune_code, place.phone, place.hours) == ("75119", "+33140050001", "Mo-Fr 09:00-12:00")
    assert {service.need for service in place.services.all()} == {"learn_basics", "use_wifi_here"}
    assert source_words(place.source) == "Un tableau apporté ici"
    # What no field holds is kept all the same.
    assert place.more["table"]["Couleur des murs"] == "jaune"
    assert place.feed is not None
    assert place.feed.runs.get().counts["created"] == 3
    assert Entry.objects.filter(verb="directory.load_feed", thing=f"feed:{place.feed.uuid}").exists()
    assert [row.structure.name for row in search_services(needs=["use_wifi_here"], near="75119")] == [
        "Médiathèque du Canal"
    ]


def test_the_same_list_again_renews_what_changed_and_leaves_the_rest(brought, keeper):
    services.write_batch(brought(), by=keeper)
    kept = Structure.objects.get(source_id="L1")
    correct(kept, "phone", "+33140050099", by=keeper)
    changed = (ROWS[0].replace("12 rue Riquet", "14 rue Riquet"), *ROWS[1:])
    again = brought(changed)
    assert states(again) == {2: "to_write", 3: "skipped", 4: "skipped", 5: "set_aside"}
    services.write_batch(again, by=keeper)
    assert Feed.objects.count() == 1
    kept.refresh_from_db()
    # What was corrected here holds over what a list says.
    assert (kept.address, kept.phone) == ("14 rue Riquet", "+33140050099")
    Correction.objects.all().delete()
    services.undo_batch(again, by=keeper)
    kept.refresh_from_db()
    counts = Feed.objects.get().runs.order_by("pk").last().counts
    assert (counts["updated"], counts["ended"]) == (1, 0)
    assert kept.address == "12 rue Riquet"
    assert kept.ended_at is None
    assert {service.need for service in kept.services.all()} == {"learn_basics", "use_wifi_here"}


def test_taken_back_places_end_and_are_told_as_ended(brought, keeper, client):
    batch = brought()
    services.write_batch(batch, by=keeper)
    used = Structure.objects.get(source_id="L2")
    correct(used, "phone", "+33476000001", by=keeper)
    kind = kind_named("places")
    assert kind.foreseen_kept(
        [f"structure:{used.uuid}"], kind.ground(batch, batch.read_at)
    ) == {f"structure:{used.uuid}": "changed"}  # fmt: skip
    services.undo_batch(batch, by=keeper)
    assert states(batch) == {2: "undone", 3: "kept", 4: "undone", 5: "set_aside"}
    counts = Feed.objects.get().runs.order_by("pk").last().counts
    assert (counts["updated"], counts["ended"]) == (0, 2)
    assert set(Structure.objects.current().values_list("source_id", flat=True)) == {"L2"}
    told = client.get(reverse("api:place", args=[Structure.objects.get(source_id="L1").uuid])).json()
    assert told["ended_at"]
    # Brought in once more, they are back under the same public id.
    uuid = Structure.objects.get(source_id="L1").uuid
    services.write_batch(brought(), by=keeper)
    assert Structure.objects.current().get(source_id="L1").uuid == uuid


def test_a_place_that_is_listed_already_is_asked_about_and_joined(brought, keeper):
    known = make_place(
        name="Médiathèque du canal",
        city="Paris",
        postcode="75019",
        commune_code="75119",
        phone="+33140050001",
    )
    batch = brought()
    row = Row.objects.get(batch=batch, number=2)
    assert row.state == "alike"
    (alike,) = row.alike
    assert (alike["thing"], alike["reasons"]) == (f"structure:{known.uuid}", ["same_name", "same_phone"])
    services.decide_row(batch, 2, "same", same_as=alike["thing"], by=keeper)
    services.write_batch(batch, by=keeper)
    joined = Structure.objects.get(source_id="L1")
    assert joined.same_as == known
    services.undo_batch(batch, by=keeper)
    joined.refresh_from_db()
    assert (joined.same_as, joined.ended_at is not None) == (None, True)


def test_two_rows_of_one_place_and_two_of_one_identifier_are_told(brought):
    batch = brought(
        (
            "A;Cyber du Port;1 quai Bleu;13002;Marseille;04 91 00 00 01;;;",
            "B;CYBER DU PORT;1 quai bleu;13002;Marseille;04 91 00 00 01;;;",
            "A;Tout autre;;13002;Marseille;;;;",
        )
    )
    assert states(batch) == {2: "to_write", 3: "alike", 4: "set_aside"}
    assert Row.objects.get(batch=batch, number=3).alike[0]["row"] == 2
    assert codes(batch) == {4: ["twice_in_file"]}


def test_an_identifier_that_now_names_another_place_is_not_believed(brought, keeper):
    services.write_batch(brought(), by=keeper)
    batch = brought(("L1;Maison des Associations;2 rue Haute;59000;Lille;;;;",))
    assert codes(batch) == {2: ["id_of_other"]}
    assert Structure.objects.get(source_id="L1").name == "Médiathèque du Canal"


def test_a_json_list_and_seven_columns_of_hours_are_read(ground, keeper):
    objects = [
        {
            "nom": "Point Clic",
            "code_postal": "38000",
            "commune": "Grenoble",
            "Lundi ouverture": "9h",
            "Lundi fermeture": "12h",
            "Mardi ouverture": "9h30",
            "Mardi fermeture": "17h",
            "Jeudi ouverture": "14:00",
            "Jeudi fermeture": "18:00",
            "tags": ["Initiation", "Accès wifi"],
        }
    ]
    batch = services.read_file(
        json.dumps(objects).encode(), "lieux.json", kind="places", node=ground.network.root, by=keeper
    )
    assert services.check_batch(batch)
    services.write_batch(batch, by=keeper)
    place = Structure.objects.get()
    assert place.hours == "Mo 09:00-12:00; Tu 09:30-17:00; Th 14:00-18:00"
    assert {service.need for service in place.services.all()} == {"learn_basics", "use_wifi_here"}


@pytest.mark.parametrize(
    "content", [b"[1, 2]", b"{}", b'{"a": 1}', b"[{}]", b'[{"nom": ""}]', b'[{"nom": '], ids=repr
)
def test_json_that_is_no_table_is_refused(ground, keeper, content):
    with pytest.raises(Exception, match="Ce fichier"):
        services.read_file(content, "lieux.json", kind="places", node=ground.network.root, by=keeper)
    assert not Feed.objects.exists()


@pytest.mark.parametrize("path", sorted(RAW.iterdir()), ids=lambda path: path.stem)
def test_the_file_of_each_territory_is_read_by_the_wizard(ground, keeper, path):
    batch = services.read_file(
        path.read_bytes(), path.name, kind="places", node=ground.network.root, by=keeper
    )
    assert services.check_batch(batch)
    batch.refresh_from_db()
    assert "name" in batch.fields, fields_of(batch)
    found = states(batch)
    # A source may say of a place that it has closed; nothing else is refused but now and then.
    wrong = {number: said for number, said in codes(batch).items() if said != ["closed"]}
    assert len(wrong) <= 0.05 * len(found), wrong


def test_what_goes_out_comes_back_in(brought, keeper, now):
    services.write_batch(brought(), by=keeper)
    rows = [list(row) for row in kind_named("places").rows_out([], now, by=keeper)]
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows(rows)
    headings, *lines = text.getvalue().splitlines()
    before = list(Structure.objects.order_by("pk").values_list("name", "postcode", "phone", "hours"))
    Structure.objects.all().delete()
    again = brought(lines, headings)
    assert "" not in {
        fields_of(again)[name] for name in ("nom", "adresse", "services", "horaires", "telephone")
    }
    services.write_batch(again, by=keeper)
    assert list(Structure.objects.order_by("pk").values_list("name", "postcode", "phone", "hours")) == before
    assert set(Structure.objects.values_list("services__need", flat=True)) >= {
        "learn_basics", "use_wifi_here", "online_procedures"
    }  # fmt: skip
