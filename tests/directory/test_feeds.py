"""Sources come in: what is new, renewed, ended, set aside, mended; what was corrected here holds; rows of one place."""

import csv
import http.server
import io
import json
import os
import threading
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from bagage.directory import fetching, services
from bagage.directory.domain import standards
from bagage.directory.domain.places import SetAside
from bagage.directory.domain.standards.mediation import COLUMNS
from bagage.directory.models import Correction, Feed, FeedRow, FeedRun, LikelySame, Service, Structure
from bagage.directory.services.due import due_feeds, read_address
from bagage.permanences.services.publishing import publish_permanences
from bagage.permanences.services.sites import change_site
from bagage.trail.domain.actor import Actor
from bagage.trail.models import Entry
from tests.directory.factories import AT
from tests.permanences.factories import make_installation, make_site
from tests.processes import settled, start_command

pytestmark = pytest.mark.django_db
BY = Actor.system("test")


def row(number: int, **changed: str) -> dict[str, str]:
    """A row of the national standard."""
    said = {
        "id": f"lieu-{number}",
        "nom": f"Espace {number}",
        "commune": "Paris",
        "code_postal": "75019",
        "code_insee": "75119",
        "adresse": f"{number} rue des Essais",
        "latitude": f"48.88{number:03}",
        "longitude": "2.37",
        "telephone": f"+3314200{number:04}",
        "source": "essai",
        "date_maj": "2026-03-02",
        "services": "Aide aux démarches administratives",
        "frais_a_charge": "Gratuit",
        "modalites_acces": "Téléphoner",
    }
    return {**dict.fromkeys(COLUMNS, ""), **said, **changed}


def table(*rows: dict[str, str]) -> bytes:
    """A file of the national standard."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


@pytest.fixture
def feed():
    return services.make_feed(slug="essai", name="Essai", format="mediation", by=BY)


def load(feed, *rows, at=AT, **options):
    return services.load_feed(feed, table(*rows), by=BY, at=at, **options)


def counts(report):
    return {name: count for name, count in report.counts.items() if count}


def test_a_source_is_read_renewed_and_what_vanished_ends(feed):
    assert counts(load(feed, row(1), row(2), row(3))) == {"read": 3, "created": 3}
    first = Structure.objects.get(source_id="lieu-1")
    assert counts(load(feed, row(1), row(2), row(3))) == {"read": 3, "unchanged": 3}
    later = AT + timedelta(days=1)
    report = load(feed, row(1, nom="Espace neuf"), row(2), at=later)
    assert counts(report) == {"read": 2, "updated": 1, "unchanged": 1, "ended": 1}
    again = Structure.objects.get(source_id="lieu-1")
    assert (again.uuid, again.name, again.changed_at) == (first.uuid, "Espace neuf", later)
    assert Structure.objects.get(source_id="lieu-3").ended_at == later
    assert counts(load(feed, row(1, nom="Espace neuf"), row(2), row(3))) == {
        "read": 3,
        "updated": 1,
        "unchanged": 2,
    }
    assert Structure.objects.get(source_id="lieu-3").ended_at is None
    assert [entry.verb for entry in Entry.objects.filter(verb="directory.load_feed")] == [
        "directory.load_feed"
    ] * 3


def test_nothing_is_written_when_it_is_only_tried(feed):
    load(feed, row(1))
    report = load(feed, row(1, nom="Autre"), row(2), dry_run=True)
    assert counts(report) == {"read": 2, "created": 1, "updated": 1}
    assert list(Structure.objects.values_list("name", flat=True)) == ["Espace 1"]
    assert FeedRun.objects.count() == 1


def test_a_file_that_lost_most_of_its_places_ends_none(feed):
    load(feed, *(row(number) for number in range(1, 31)))
    report = load(feed, row(1))
    assert (report.ended, report.kept) == (0, 29)
    assert Structure.objects.filter(ended_at=None).count() == 30


def test_a_bad_row_waits_is_mended_and_stays_mended(feed):
    report = load(feed, row(1), row(2, nom=""))
    assert counts(report) == {"read": 2, "created": 1, "set_aside": 1}
    assert report.rows == [
        {
            "row": 3,
            "key": "lieu-2",
            "field": "nom",
            "rule": "no_name",
            "value": "",
            "how": "The place has no name: write one in nom.",
        }
    ]
    waiting = FeedRow.objects.get()
    with pytest.raises(SetAside):
        services.mend_row(waiting, {"nom": " "}, by=BY)
    services.mend_row(waiting, {"nom": "Espace retrouvé"}, by=BY)
    assert Structure.objects.get(source_id="lieu-2").name == "Espace retrouvé"
    assert counts(load(feed, row(1), row(2, nom=""))) == {"read": 2, "unchanged": 2}
    assert FeedRow.objects.get().state == "mended"


def test_a_fault_names_its_column_and_what_stands_there(feed):
    report = load(feed, row(1), row(2, id="lieu-1"), row(3, id="x" * 121))
    assert [(each["field"], each["value"], each["how"]) for each in report.rows] == [
        ("id", "lieu-1", "Another row has this identifier lieu-1: give each its own in id."),
        ("id", "x" * 121, "An identifier has at most 120 characters: shorten it in id."),
    ]
    assert FeedRow.objects.get(key="lieu-1#3").faults == [
        {"field": "id", "code": "twice", "value": "lieu-1", "proposed": ""}
    ]


@pytest.mark.parametrize(
    ("format", "record", "said"),
    [
        ("mediation", {"id": "1", "nom": "  "}, ("no_name", "nom", "")),
        ("libraries", {"code_bib": "1", "Libelle1": ""}, ("no_name", "Libelle1", "")),
        (
            "libraries",
            {"code_bib": "1", "Libelle1": "Bib", "type_adresse": "Adresse administrative"},
            ("office", "type_adresse", "Adresse administrative"),
        ),
        ("data_inclusion", {"id": "1", "nom": None}, ("no_name", "nom", "")),
        ("data_inclusion", {"id": "", "nom": "Lieu"}, ("no_id", "id", "")),
        ("data_inclusion", {"structure_id": "s-9", "service": {}}, ("no_structure", "structure_id", "s-9")),
        ("hsds", {"organization": {"id": "1"}, "location": {"id": "2"}}, ("no_name", "location.name", "")),
        ("table", {"Lieu dit": "", "État": "Ouvert"}, ("no_name", "Lieu dit", "")),
        ("table", {"Lieu dit": "La Grange", "État": "Fermé"}, ("closed", "État", "Fermé")),
    ],
)
def test_each_format_names_the_column_as_its_file_does(format, record, said):
    mapping = {"columns": {"Lieu dit": "name", "État": "is_shown"}} if format == "table" else {}
    with pytest.raises(SetAside) as found:
        standards.to_place(format, record, mapping)
    assert (found.value.reason, found.value.field, found.value.value) == said


def test_a_row_that_goes_bad_does_not_end_its_place_and_one_mended_at_its_source_waits_no_more(feed):
    load(feed, row(1), row(2))
    load(feed, row(1), row(2, nom=""))
    assert Structure.objects.filter(ended_at=None).count() == 2
    assert FeedRow.objects.filter(state="aside").count() == 1
    load(feed, row(1), row(2, nom="Espace de nouveau"))
    assert FeedRow.objects.count() == 0


def test_two_rows_of_one_identifier_are_told(feed):
    for _again in range(3):
        report = load(feed, row(1), row(2, id="lieu-1"), row(1))
        assert [(each["row"], each["rule"]) for each in report.rows] == [(3, "twice"), (4, "twice")]
        assert report.updated == 0
        assert Structure.objects.get().name == "Espace 1"


def test_the_places_of_a_feed_do_not_end_with_the_shipped_ones(feed):
    load(feed, row(1))
    services.load_shipped_places(by=BY)
    assert Structure.objects.get(feed=feed).ended_at is None


def test_what_was_corrected_here_survives_the_next_reading(feed):
    load(feed, row(1))
    place = Structure.objects.get()
    services.correct(place, "phone", "+33199000000", by=BY)
    services.correct(place, "services", ["get_device", "learn_basics"], by=BY)
    load(feed, row(1, telephone="+33142009999", nom="Espace neuf"))
    again = Structure.objects.get()
    assert (again.name, again.phone) == ("Espace neuf", "+33199000000")
    assert sorted(Service.objects.values_list("need", flat=True)) == ["get_device", "learn_basics"]
    correction = Correction.objects.get(field="phone")
    assert correction.source_value == "+33142009999"
    services.end_correction(correction, by=BY)
    services.end_correction(correction, by=BY)
    assert Structure.objects.get().phone == "+33142009999"
    services.end_correction(Correction.objects.get(field="services"), by=BY)
    assert list(Service.objects.values_list("need", flat=True)) == ["online_procedures"]


def test_likely_doubles_are_proposed_joined_and_parted(feed):
    load(feed, row(1, nom="Médiathèque Louise Michel", adresse="3 rue Haxo"))
    other = services.make_feed(slug="autre", name="Autre", format="mediation", by=BY)
    report = load(
        other,
        row(7, nom="Mediatheque Louise-Michel", adresse="3 Rue Haxo", source="autre", latitude="48.88001"),
    )
    assert [pair["reasons"] for pair in report.possible_duplicates] == [["same_name", "same_address", "near"]]
    one, two = Structure.objects.order_by("pk")
    services.join(one, two, by=BY)
    two.refresh_from_db()
    assert two.same_as == one
    assert LikelySame.objects.get().state == "same"
    services.part(one, two, by=BY)
    two.refresh_from_db()
    assert two.same_as is None
    assert LikelySame.objects.get().state == "apart"
    load(other, row(7, nom="Mediatheque Louise Michel", adresse="3 rue Haxo", source="autre"))
    assert LikelySame.objects.get().state == "apart"


def test_two_libraries_of_one_town_are_not_taken_for_one(feed):
    report = load(
        feed,
        row(1, nom="Bibliothèque municipale Jean Moulin", adresse="1 rue A", telephone=""),
        row(2, nom="Bibliothèque municipale Marie Curie", adresse="90 rue B", telephone="", latitude="48.86"),
    )
    assert report.possible_duplicates == []


def test_the_number_of_queries_does_not_grow_with_the_rows(feed, django_assert_max_num_queries):
    with django_assert_max_num_queries(40):
        load(feed, row(1))
    with django_assert_max_num_queries(40):
        load(feed, *(row(number) for number in range(2, 60)))


# ---------- the command ----------
def command(*arguments, **options):
    out = io.StringIO()
    call_command("import_places", *map(str, arguments), stdout=out, stderr=io.StringIO(), **options)
    return out.getvalue()


def test_the_command_reads_a_file_and_says_what_it_did(tmp_path):
    path = tmp_path / "lieux.csv"
    path.write_bytes(table(row(1), row(2, nom="")))
    said = json.loads(command(path, json=True))
    assert {name: said[name] for name in ("read", "created", "set_aside", "format")} == {
        "read": 2, "created": 1, "set_aside": 1, "format": "mediation",
    }  # fmt: skip
    assert json.loads(command(path, "--dry-run", json=True))["unchanged"] == 1
    assert "The place has no name" in command(path)
    assert Feed.objects.get().slug == "lieux"


def test_the_command_reads_a_pipe(tmp_path):
    path = tmp_path / "lieux"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=[table(row(1), row(2))])
    writer.start()
    assert json.loads(command(path, "--source", "tube", json=True))["created"] == 2
    writer.join()


def test_a_file_that_is_new_is_only_tried(tmp_path):
    path = tmp_path / "lieux.csv"
    path.write_bytes(table(row(1)))
    assert json.loads(command(path, "--dry-run", json=True))["created"] == 1
    assert Feed.objects.count() == 0


def test_a_table_of_other_words_needs_no_mapping_and_takes_one(tmp_path):
    path = tmp_path / "territoire.csv"
    path.write_text(
        "Lieu dit;Ville;CP;Tél;Horaires\nLa Grange;Guéret;23000;05 55 00 00 00;lundi de 14h à 16h\n"
    )
    mapping = tmp_path / "mapping.json"
    mapping.write_text(
        json.dumps(
            {
                "columns": {
                    "Lieu dit": "name",
                    "Ville": "city",
                    "CP": "postcode",
                    "Tél": "phone",
                    "Horaires": "hours",
                }
            }
        )
    )
    assert json.loads(command(path, "--mapping", mapping, json=True))["created"] == 1
    found = Structure.objects.get()
    assert (found.name, found.phone, found.hours, found.commune_code) == (
        "La Grange", "+33555000000", "Mo 14:00-16:00", "23096",
    )  # fmt: skip
    assert json.loads(command(path, json=True))["unchanged"] == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "it is empty"),
        (b"\x89PNG\r\n", "no table"),
        (b"{ not json", "broken"),
        (b"a;b\n1;2\n", "no column says the name"),
    ],
)
def test_what_is_no_source_is_refused_in_words(tmp_path, content, words):
    path = tmp_path / "lieux"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=words):
        command(path)
    assert Structure.objects.count() == 0


def test_a_wrong_call_is_told(tmp_path):
    path = tmp_path / "lieux.csv"
    path.write_bytes(table(row(1)))
    with pytest.raises(CommandError, match="--format is"):
        command(path, "--format", "xml")
    with pytest.raises(CommandError, match="cannot be opened"):
        command(tmp_path / "none.csv")
    mapping = tmp_path / "m.json"
    mapping.write_text('{"columns": {"nom": "castle"}}')
    with pytest.raises(CommandError, match="is no field"):
        command(path, "--format", "table", "--mapping", mapping)


def test_what_goes_out_comes_in_again_unchanged(tmp_path, feed):
    load(feed, *(row(number) for number in range(1, 6)))
    path = tmp_path / "lieux.csv"
    call_command("export_places", "--format", "mediation", "--output", str(path), stderr=io.StringIO())
    before = sorted(path.read_text().splitlines())
    Structure.objects.all().delete()
    command(path, "--source", "essai")
    call_command("export_places", "--format", "mediation", "--output", str(path), stderr=io.StringIO())
    assert sorted(path.read_text().splitlines()) == before


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_killed_in_the_middle_nothing_is_half_written(tmp_path):
    path = tmp_path / "lieux.csv"
    path.write_bytes(
        table(
            *(
                row(
                    number,
                    services="Aide aux démarches administratives|Maîtrise des outils numériques du quotidien",
                )
                for number in range(1, 4001)
            )
        )
    )
    process = start_command("import_places", str(path))
    assert process.stderr is not None
    assert process.stderr.read(4)
    process.kill()
    process.communicate()
    settled()
    written = Structure.objects.count()
    assert written % 1000 == 0
    assert Service.objects.count() == 2 * written
    assert FeedRun.objects.get().state == "running"
    said = json.loads(command(path, json=True))
    assert (said["created"] + said["unchanged"], said["unchanged"]) == (4000, written)
    assert Service.objects.count() == 8000
    assert list(FeedRun.objects.order_by("pk").values_list("state", flat=True)) == ["cut_off", "done"]


# ---------- addresses ----------
class Answers(http.server.BaseHTTPRequestHandler):
    """Gives the file it was told, with an ETag; or fails."""

    content = b""
    status = 200
    asked: list[str | None] = []

    def do_GET(self):
        type(self).asked.append(self.headers.get("If-None-Match"))
        etag = f'"{len(self.content)}"'
        if self.status == 200 and self.headers.get("If-None-Match") == etag:
            self.send_response(304)
            self.end_headers()
            return
        self.send_response(self.status)
        self.send_header("ETag", etag)
        self.end_headers()
        self.wfile.write(self.content)

    def log_message(self, *arguments):
        """Nothing."""


@pytest.fixture
def server(settings):
    settings.FETCH_PRIVATE = True
    Answers.content, Answers.status, Answers.asked = table(row(1)), 200, []
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers) as one:
        threading.Thread(target=one.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{one.server_port}/lieux.csv"
        one.shutdown()


def test_an_address_is_asked_again_only_for_what_changed(server):
    feed = services.make_feed(
        slug="carto", name="Carto", format="mediation", url=server, every_hours=24, by=BY
    )
    assert [each.slug for each in due_feeds(AT)] == ["carto"]
    report = read_address(feed, by=BY, at=AT)
    assert report is not None
    assert report.created == 1
    assert due_feeds(AT + timedelta(hours=23)) == []
    feed.refresh_from_db()
    assert read_address(feed, by=BY, at=AT + timedelta(hours=24)) is None
    assert Answers.asked == [None, feed.etag]
    assert list(FeedRun.objects.order_by("pk").values_list("state", flat=True)) == ["done", "unchanged"]


def test_an_address_that_fails_is_said_and_its_last_state_stays(server):
    feed = services.make_feed(
        slug="carto", name="Carto", format="mediation", url=server, every_hours=24, by=BY
    )
    read_address(feed, by=BY, at=AT)
    for content, status in ((b"", 500), (b"\x89PNG", 200)):
        Answers.content, Answers.status = content, status
        feed.refresh_from_db()
        assert read_address(feed, by=BY, at=AT + timedelta(hours=24)) is None
    feed.refresh_from_db()
    assert feed.failing_since == AT + timedelta(hours=24)
    assert feed.failure == "other_file"
    assert Structure.objects.filter(ended_at=None).count() == 1
    Answers.content, Answers.status = table(row(1), row(2)), 200
    assert read_address(feed, by=BY, at=AT + timedelta(hours=48)) is not None
    feed.refresh_from_db()
    assert (feed.failing_since, feed.failure) == (None, "")


INSIDE = (
    "http://127.0.0.1/x", "http://localhost:5432/", "http://10.0.0.1/", "http://[::1]/", "file:///etc/passwd",
    "ftp://example.org/", "http:///x",
)  # fmt: skip


@pytest.mark.parametrize("url", INSIDE)
def test_an_address_inside_is_never_asked(url):
    with pytest.raises(fetching.Unanswered):
        fetching.fetch(url)


def test_the_command_reads_an_address(server):
    assert json.loads(command(server, "--source", "carto", json=True))["created"] == 1
    assert Feed.objects.get().url == server


# ---------- our permanences ----------
def test_permanences_are_published_as_their_sites_say_them(now):
    make_installation(now)
    site = make_site()
    assert publish_permanences(at=now) == 1
    place = Structure.objects.get(source="bagage")
    assert (place.kind, place.name, place.organisation) == (
        "permanence",
        site.organisation.name,
        site.organisation,
    )
    assert publish_permanences(at=now) == 0
    change_site(site, by=BY, phone="+33199000000")
    assert publish_permanences(at=now) == 1
    assert Structure.objects.get(source="bagage").phone == "+33199000000"
    site.organisation.is_open = False
    site.organisation.save()
    assert publish_permanences(at=now) == 1
    assert Structure.objects.get(source="bagage").ended_at == now


def test_detected_formats():
    assert standards.detect_format(table(row(1))[:500]) == "mediation"
    assert (
        standards.detect_format(b'{"structures": [{"id": "1", "lien_source": "", "date_maj": ""}]}')
        == "data_inclusion"
    )
    assert standards.detect_format(b"Prenom;Nom\n") is None
