"""How long files are kept, the command and the job, and the papers of the house."""

import json
from datetime import datetime, timedelta
from io import BytesIO, StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import translation
from pypdf import PdfReader

from bagage.accounts.domain.roles import Role
from bagage.common.errors import BusinessError
from bagage.people.models import Person
from bagage.trail.domain.retention import months_earlier
from bagage.trail.models import Entry, PrivacyRules
from bagage.trail.papers import KINDS, paper
from bagage.trail.queries import privacy_rules
from bagage.trail.registry import all_declarations, all_processings
from bagage.trail.services import change_privacy_rules, erased_file
from bagage.trail.tasks import look_for_expired
from tests.people.factories import make_network, make_person, make_user
from tests.trail.factories import signed_in


@pytest.fixture(autouse=True)
def home(tmp_path, settings):
    settings.BAGAGE_HOME = tmp_path
    return tmp_path


@pytest.fixture
def ground(db: None, now: datetime):
    network = make_network()
    return network, make_user(network.root, Role.PROGRAMME_LEAD, "Lucie")


def forgotten(network, user, now: datetime, **fields: object) -> Person:
    return make_person(network.riquet, by=user, at=now - timedelta(days=900), **fields)


@pytest.mark.parametrize(
    ("moment", "months", "expected"),
    [
        ((2026, 11, 26), 24, (2024, 11, 26)),
        ((2026, 1, 31), 1, (2025, 12, 31)),
        ((2026, 3, 31), 1, (2026, 2, 28)),
        ((2024, 3, 31), 1, (2024, 2, 29)),
        ((2026, 12, 1), 12, (2025, 12, 1)),
        ((2026, 5, 30), 3, (2026, 2, 28)),
    ],
)
def test_so_many_months_earlier(moment, months, expected):
    assert months_earlier(datetime(*moment, 10, 30), months) == datetime(*expected, 10, 30)


# ---------- the rules ----------


def test_the_rules_are_examples_until_someone_confirms_them(ground, now):
    _network, lead = ground
    assert (privacy_rules().is_example, privacy_rules().months, PrivacyRules.objects.count()) == (True, 24, 0)
    change_privacy_rules(by=lead, written_by="Lucie Lenoir", at=now, months=24)
    rules = privacy_rules()
    assert (rules.is_example, rules.months, rules.changed_by, rules.changed_at) == (
        False, 24, "Lucie Lenoir", now,
    )  # fmt: skip
    assert Entry.objects.filter(verb="privacy.rules").count() == 1
    change_privacy_rules(by=lead, written_by="Autre", at=now, months=24)
    assert Entry.objects.filter(verb="privacy.rules").count() == 1


@pytest.mark.parametrize(
    ("fields", "at_fault"),
    [
        ({"months": 0}, "months"),
        ({"months": 121}, "months"),
        ({"day_begins": 20, "day_ends": 7}, "day_ends"),
        ({"day_ends": 25}, "day_ends"),
        ({"files_a_day": 0}, "files_a_day"),
        ({"elsewhere_a_month": 0}, "elsewhere_a_month"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(ground, fields, at_fault):
    with pytest.raises(BusinessError) as refused:
        change_privacy_rules(by=ground[1], **fields)
    assert refused.value.field == at_fault
    assert privacy_rules().is_example is True


def test_the_form_keeps_what_was_typed(ground):
    client = signed_in(ground[1])
    typed = {
        "months": "vingt",
        "files_a_day": "30",
        "elsewhere_a_month": "5",
        "day_begins": "7",
        "day_ends": "20",
    }
    response = client.post(reverse("desk:privacy_rules"), typed)
    assert response.status_code == 422
    page = response.content.decode()
    assert 'value="vingt"' in page
    assert "Un nombre entier, comme 24." in page


def test_who_leads_one_site_reads_the_papers_and_is_offered_no_rule_to_change(ground):
    network, _lead = ground
    client = signed_in(make_user(network.riquet, Role.PROGRAMME_LEAD))
    for page in ("trail:papers", "trail:unusual", "desk:privacy"):
        assert reverse("desk:privacy_rules") not in client.get(reverse(page)).content.decode()
    assert client.get(reverse("desk:privacy_rules")).status_code == 403


# ---------- whose time is over ----------


def test_the_command_only_says_what_would_go(ground, now):
    network, lead = ground
    person = forgotten(network, lead, now)
    out = StringIO()
    call_command("erase_expired", "--dry-run", "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert (told["persons"], told["dry_run"], told["months"], told["held_back"]) == (1, True, 24, 0)
    assert told["rows"]["people.Person"] == 1
    assert Person.objects.get(pk=person.pk).erased_at is None


def test_the_command_erases(ground, now):
    network, lead = ground
    person = forgotten(network, lead, now)
    out = StringIO()
    call_command("erase_expired", stdout=out)
    assert out.getvalue().splitlines()[-1] == (
        "1 persons erased, without contact for 24 months; 0 held back."
    )
    assert Person.objects.get(pk=person.pk).erased_at == now


def test_the_job_only_counts_until_the_house_said_so(ground, now):
    network, lead = ground
    person = forgotten(network, lead, now)
    assert look_for_expired() == "1 to look at"
    change_privacy_rules(by=lead, runs_by_itself=True)
    assert look_for_expired() == "1 erased, 0 held back"
    assert Person.objects.get(pk=person.pk).erased_at == now
    assert look_for_expired() is None


def test_the_page_shows_them_then_erases_them(ground, now, django_capture_on_commit_callbacks):
    network, lead = ground
    forgotten(network, lead, now)
    client = signed_in(lead)
    page = client.get(reverse("desk:privacy")).content.decode()
    assert "Effacer 1 dossier pour toujours" in page
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(reverse("desk:privacy_run"), follow=True)
    assert "1 dossier effacé." in response.content.decode()
    assert "Aucun dossier n’a dépassé son temps." in response.content.decode()
    assert len(erased_file().read_text().splitlines()) == 1


def test_an_empty_installation_has_nothing_to_erase(ground):
    page = signed_in(ground[1]).get(reverse("desk:privacy")).content.decode()
    assert "Aucun dossier n’a dépassé son temps." in page


# ---------- erased on her wish ----------


def test_her_number_is_copied_before_she_is_erased(ground, now):
    network, lead = ground
    person = make_person(network.riquet, by=lead, at=now)
    client = signed_in(lead)
    address = reverse("desk:person_erase", args=[person.uuid])
    for wrong in ({}, {"wish": "on", "code": "AAAAAA"}, {"code": person.code}):
        assert client.post(address, wrong).status_code == 422
        assert Person.objects.get(pk=person.pk).erased_at is None
    spaced = f"{person.code[:3].lower()} {person.code[3:].lower()}"
    assert client.post(address, {"wish": "on", "code": spaced}).status_code == 302
    assert Person.objects.get(pk=person.pk).erased_at == now
    assert client.get(reverse("desk:person", args=[person.uuid])).status_code == 404
    assert client.post(address, {"wish": "on", "code": person.code}).status_code == 404


# ---------- the papers ----------


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_each_paper_is_written_and_printed(ground, kind, language):
    client = signed_in(ground[1])
    with translation.override(language):
        assert client.get(reverse("trail:paper", args=[kind])).status_code == 200
        response = client.get(reverse("trail:paper_pdf", args=[kind]))
    assert response.headers["Content-Type"] == "application/pdf"
    assert len(PdfReader(BytesIO(response.content)).pages) >= 1
    assert Entry.objects.filter(verb="trail.papers", reason=kind).count() == 1


def test_the_register_names_every_purpose_and_every_table(ground):
    written = paper("register", privacy_rules())
    text = " ".join([part.title + " ".join(value for _label, value in part.pairs) for part in written.parts])
    assert [each.name for each in all_processings() if str(each.title) not in text] == []
    assert [each.model for each in all_declarations() if str(each.what) not in text] == []


def test_the_notice_says_the_time_that_was_chosen_one_sentence_a_line(ground):
    change_privacy_rules(by=ground[1], months=12)
    lines = [line for part in paper("notice", privacy_rules()).parts for line in part.lines]
    assert "Nous gardons votre dossier 1 an après notre dernier contact." in lines
    # RLS: one sentence a line, no semicolon, no brackets, no dash, no percentage.
    assert [line for line in lines if line.rstrip(".").count(". ") or set(line) & set(";()[]%–—…")] == []
    assert max(len(line.split()) for line in lines) <= 16


def test_a_paper_that_does_not_exist_is_not_found(ground):
    assert signed_in(ground[1]).get("/trail/papers/other/").status_code == 404
