"""Notes and messages that the house keeps less long than the file: shown, erased, said in the papers."""

import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bagage.accounts.domain.roles import Role
from bagage.common.errors import BusinessError
from bagage.journeys.models import Evidence
from bagage.people.models import Person
from bagage.permanences.models import Appointment
from bagage.trail.models import Entry, PrivacyRules
from bagage.trail.papers import kept_words
from bagage.trail.queries import privacy_rules, written_too_long
from bagage.trail.registry import MARK, all_processings, of_persons
from bagage.trail.services import erase_expired
from bagage.trail.services.rules import change_privacy_rules
from tests.people.factories import make_user
from tests.privacy.planting import Planter
from tests.trail.factories import signed_in


@pytest.fixture
def planter(db: None, now, tmp_path, settings) -> Planter:
    settings.BAGAGE_HOME = tmp_path
    made = Planter(now)
    made.plant()
    return made


def shorter(planter: Planter, **months: int) -> PrivacyRules:
    return change_privacy_rules(by=planter.user, months=24, shorter=months)


def subjects() -> list[str]:
    return list(Appointment.objects.order_by("pk").values_list("subject", flat=True))


def test_without_a_shorter_time_nothing_goes_before_the_file(planter, now):
    Appointment.objects.update(starts_at=now - timedelta(days=600), ends_at=now - timedelta(days=599))
    assert written_too_long(now, privacy_rules()) == []
    assert erase_expired(by=planter.user, at=now).written == {}
    assert MARK not in subjects()


def test_what_was_written_goes_the_row_and_the_file_stay(planter, now):
    shorter(planter, appointments=6)
    before = subjects()
    assert written_too_long(now, privacy_rules()) == []
    Appointment.objects.update(starts_at=now - timedelta(days=190), ends_at=now - timedelta(days=189))
    assert [
        (one.declaration.model, one.months, one.rows) for one in written_too_long(now, privacy_rules())
    ] == [("permanences.Appointment", 6, 1)]
    assert subjects() == before
    assert erase_expired(by=planter.user, at=now).written == {"permanences.Appointment": 1}
    assert subjects() == [MARK]
    assert Person.objects.exclude(erased_at=None).count() == 0
    entry = Entry.objects.get(verb="erase_written")
    assert (entry.fields, entry.reason, entry.person) == ("permanences.Appointment", "1", "")


def test_done_twice_it_is_done_once(planter, now):
    shorter(planter, appointments=6)
    Appointment.objects.update(starts_at=now - timedelta(days=190), ends_at=now - timedelta(days=189))
    erase_expired(by=planter.user, at=now)
    assert erase_expired(by=planter.user, at=now).written == {}
    assert Entry.objects.filter(verb="erase_written").count() == 1


def test_a_day_counts_by_its_day(planter, now):
    shorter(planter, journeys=1)
    edge = now.date().replace(month=10)
    Evidence.objects.update(observed_on=edge)
    assert "journeys.Evidence" not in {
        one.declaration.model for one in written_too_long(now, privacy_rules())
    }
    Evidence.objects.update(observed_on=edge - timedelta(days=1))
    assert "journeys.Evidence" in {one.declaration.model for one in written_too_long(now, privacy_rules())}


def test_nothing_of_a_frozen_file_goes(planter, now):
    shorter(planter, appointments=6)
    Appointment.objects.update(starts_at=now - timedelta(days=190), ends_at=now - timedelta(days=189))
    Appointment.objects.get().person.freezes.update(lifted_at=None)
    assert written_too_long(now, privacy_rules()) == []


def test_it_asks_as_much_for_three_rows_as_for_one(planter, now, django_assert_num_queries):
    rules = shorter(planter, referrals=1)
    later = now + timedelta(days=90)
    with CaptureQueriesContext(connection) as asked:
        assert len(written_too_long(later, rules)) == 3
    for _number in range(2):
        planter.make("referrals.ReferralNews", keep=False)
    with django_assert_num_queries(len(asked)):
        written_too_long(later, rules)


# ---------- the rules ----------
@pytest.mark.parametrize("months", [0, 25])
def test_a_shorter_time_is_shorter_than_that_of_a_file(planter, months):
    with pytest.raises(BusinessError) as refused:
        shorter(planter, appointments=months)
    assert refused.value.field == "shorter_appointments"


def test_only_a_purpose_with_dated_texts_has_a_time_of_its_own(planter):
    with pytest.raises(TypeError):
        shorter(planter, people=6)


def test_every_date_belongs_to_a_table_with_texts_that_can_go():
    dated = [each for each in of_persons() if each.dated]
    assert [each.model for each in dated if not each.still_written() or each.deleted] == []
    assert {each.table._meta.get_field(each.dated).name for each in dated} == {each.dated for each in dated}


def test_the_papers_say_the_shorter_time(planter):
    rules = shorter(planter, appointments=6)
    said = {each.name: kept_words(each, rules) for each in all_processings()}
    assert said["appointments"] == "Les notes et les messages : 6 mois. Le reste : la durée du dossier."
    assert said["people"] == "24 mois après le dernier contact, puis effacé."


# ---------- screens ----------
FORM = {
    "months": "24", "files_a_day": "40", "elsewhere_a_month": "5", "day_begins": "7", "day_ends": "20",
}  # fmt: skip


def test_they_are_typed_shown_and_typed_again(planter):
    lead = signed_in(planter.user)
    assert lead.post("/privacy/rules/", {**FORM, "shorter_appointments": "6"}).status_code == 302
    assert privacy_rules().shorter == {"appointments": 6}
    page = lead.get("/privacy/rules/").content.decode()
    assert 'name="shorter_appointments" value="6"' in page
    assert lead.post("/privacy/rules/", {**FORM, "shorter_appointments": ""}).status_code == 302
    assert privacy_rules().shorter == {}


def test_one_longer_than_the_file_is_refused_and_kept_in_the_form(planter):
    answer = signed_in(planter.user).post("/privacy/rules/", {**FORM, "shorter_appointments": "30"})
    assert answer.status_code == 422
    assert "Entre 1 mois et la durée du dossier, 24 mois." in answer.content.decode().replace("\xa0", " ")
    assert 'value="30"' in answer.content.decode()


def test_the_page_says_what_would_go_and_erases_it(planter, now):
    shorter(planter, appointments=6)
    Appointment.objects.update(starts_at=now - timedelta(days=190), ends_at=now - timedelta(days=189))
    lead = signed_in(planter.user)
    page = lead.get("/privacy/").content.decode()
    assert page.count("Des notes et des messages dont le temps est passé") == 1
    assert "Aucun dossier n’a dépassé son temps." not in page
    assert lead.post("/privacy/run/").status_code == 302
    assert subjects() == [MARK]
    assert "Aucun dossier n’a dépassé son temps." in lead.get("/privacy/").content.decode()


def test_who_leads_one_place_is_shown_nothing_of_it(planter, now):
    shorter(planter, appointments=6)
    Appointment.objects.update(starts_at=now - timedelta(days=190), ends_at=now - timedelta(days=189))
    lead = make_user(planter.node, Role.PROGRAMME_LEAD)
    assert "dont le temps est passé" not in signed_in(lead).get("/privacy/").content.decode()


def test_the_command_says_them_and_erases_them(planter, now, capsys):
    shorter(planter, appointments=6)
    Appointment.objects.update(starts_at=now - timedelta(days=190), ends_at=now - timedelta(days=189))
    call_command("erase_expired", "--dry-run", "--json")
    assert json.loads(capsys.readouterr().out)["written"] == {"permanences.Appointment": 1}
    call_command("erase_expired", "--json")
    assert json.loads(capsys.readouterr().out)["written"] == {"permanences.Appointment": 1}
    assert subjects() == [MARK]
