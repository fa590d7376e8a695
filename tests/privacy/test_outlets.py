"""What each address, list, file and paper says of a person, role by role, beside the table of her facts.

She has a row in each table that can hold something of hers, each of her texts a mark that stands nowhere else, so that
an answer tells which of her facts are in it. ``OUTLETS`` says which an address may show; a role must find there those
that the table of ``people/domain/fields.py`` opens to it, and no other. An address that shows a fact and is not in the
list fails, so a new one is thought of.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone, translation
from pytest_django import DjangoDbBlocker

from bagage.accounts.domain.roles import Role
from bagage.accounts.models import Membership, Organisation, User
from bagage.common.codes import shown_code
from bagage.directory.domain.needs import Need
from bagage.equipment.models import Handover
from bagage.journeys.models import JourneyExit
from bagage.people.domain.fields import Field, Tie, sight_of_role
from bagage.people.models import Attachment, ContactWay, Person, SituationFact
from bagage.people.services import rebuild_name_keys
from bagage.permanences.models import Appointment, QueueEntry
from bagage.referrals.models import Onward, Referral
from bagage.trail.registry import all_declarations
from tests.conftest import NOON, Clock
from tests.privacy.planting import SIGN, Planter, write_files
from tests.rights import all_rows
from tests.rights.world import build_world
from tests.safety.test_leaks import BACKEND, Ground, Substitute, answers, asked, read_answer

MARK = re.compile(rf"{SIGN}[0-9]{{3}}")
PHONE = "+33639980433"
BORN = date(1937, 3, 12)
# Texts that hold no mark of their own, and the fact that each says.
SAID = {
    "06 39 98 04 33": Field.PHONE,
    "0639980433": Field.PHONE,
    PHONE: Field.PHONE,
    # The date, never the year alone: its four digits stand in many a number.
    "12 mars 1937": Field.BIRTH,
    "12/03/1937": Field.BIRTH,
    "1937-03-12": Field.BIRTH,
    ">1937, ": Field.BIRTH,
    "89 ans": Field.BIRTH,
    "ne lit pas le français": Field.OBSTACLES,
}

# Which facts each address may show of her, to whom the table of facts opens them.
OUTLETS: dict[str, str] = {
    "connection:advice": "called name",
    "connection:advice_choose": "advice called name",
    "connection:advice_print": "called",
    "connection:advices": "advice called name",
    "connection:kept_advice": "advice called name",
    "connection:kept_advice_pdf": "called",
    "connection:lifting": "called name",
    "connection:line": "called lines name",
    "connection:line_activate": "called name",
    "connection:line_close": "called lines name",
    "connection:line_left_for_plan": "called lines name",
    "connection:line_lost": "called lines name",
    "connection:line_number": "called lines name",
    "connection:line_ported": "called lines name",
    "connection:line_top_up": "called lines name",
    "desk:appointment": "called coming name",
    "desk:appointment_move": "called name",
    "desk:appointment_new": "called languages name",
    "desk:attachments": "called name papers",
    "desk:interview": "called card evidence referral requests welcome",
    "desk:interview_entry": "called",
    "desk:interview_paper": "called card",
    "desk:people": "birth called card languages name where",
    "desk:person": (
        "birth called card coming evidence languages lines name obstacles papers purchases requests"
    ),
    "desk:person_card": "called card name",
    "desk:person_card_pdf": "called card",
    "desk:person_erase": "called card name",
    "desk:person_evidence": "called evidence name",
    "desk:person_export": (
        "advice agreements appointments birth called card coming device_notes devices evidence exit "
        "followed frozen imported languages lines messages name names news note onward papers phone "
        "purchases reach referral requests steps welcome where"
    ),
    "desk:person_export_pdf": (
        "advice agreements appointments birth called card coming device_notes devices evidence exit "
        "followed frozen imported languages lines messages name names news note onward papers phone "
        "purchases reach referral requests steps welcome where"
    ),
    "desk:person_household": "called name",
    "desk:person_identity": "agreements birth called card languages name names phone reach where",
    "desk:person_privacy": "called card frozen name",
    "desk:person_readings": "called name",
    "desk:person_request": "called name requests",
    "desk:person_same": "called name names",
    "desk:queue_who": "birth called coming name where",
    "desk:today": "called coming name",
    "desk:today_sheet": "called coming name",
    "directory:panorama": "called name",
    "directory:structure": "called name",
    "equipment:device": "called card device_notes name",
    "equipment:device_list": "called card name",
    "equipment:hand_over": "called card name",
    "equipment:handover": "called devices name",
    "equipment:handover_paper": "called name",
    "equipment:handover_return": "called name",
    "equipment:person_devices": "called card name",
    "equipment:person_reserve": "called card name",
    "equipment:reservation_release": "called name",
    "imports:export": "birth called languages name names phone where",
    "journeys:exit": "called evidence name",
    "journeys:exit_summary": "called exit name",
    "journeys:exit_summary_pdf": "called",
    "journeys:follow_up": "called exit name phone reach",
    "journeys:follow_ups": "called name",
    "journeys:request_sessions": "called name requests",
    "permanences:attendance": "called",
    "permanences:session": "called",
    "permanences:session_book": "called",
    "permanences:session_list": "called name",
    "permanences:session_seat_excuse": "called",
    "permanences:session_seat_leave": "called",
    "permanences:session_sheet": "called",
    "referrals:calendar": "referral",
    "referrals:decline": "news referral",
    "referrals:detail": "news referral",
    "referrals:follow": "news referral",
    "referrals:inbox": "referral",
    "referrals:left_with": "news referral",
    "referrals:mine": "news referral",
    "referrals:onward": "called name onward",
    "referrals:onward_list": "called",
    "referrals:onward_new": "called languages name requests",
    "referrals:onward_slip": "called",
    "referrals:onward_slip_pdf": "called onward",
    "referrals:refer": "referral",
    "referrals:sent": "referral",
    "referrals:slip": "referral",
    "referrals:slip_pdf": "referral",
    "shop:counter": "called card name purchases",
    "shop:person_purchases": "called name purchases",
    "shop:receipt": "called name",
    "shop:receipt_pdf": "called",
    "shop:right_end": "called name purchases",
    "shop:right_open": "called name",
    "shop:sale": "called name purchases",
    "shop:sale_list": "called card",
    "shop:sale_refund": "called name",
    "shop:stock": "stock_notes",
}
# There the code of her card stands for her name, for who may not read it.
CODE_FOR_NAME = {"equipment:device"}
TIES = {Role.VOLUNTEER: (Tie.FOR_A_WHILE,), Role.REFERRER: (Tie.REFERRED, Tie.HEARS)}
# What a role opens is decided in Python, and was tried on SQLite: the other database is asked for one of them.
ROLES = tuple(Role) if connection.vendor == "sqlite" else (Role.ADVISER,)


class Recorder(Planter):
    """Plants her, and keeps which fact each mark says."""

    def __init__(self, now: datetime) -> None:
        super().__init__(now)
        self.facts: dict[str, Field] = {}

    def filled(self, place: Any, is_hers: bool) -> dict[str, Any]:
        before = self.marks
        values = super().filled(place, is_hers)
        label = place.model._meta.label
        said = next(each for each in all_declarations() if each.model == label)
        for number in range(before + 1, self.marks + 1):
            self.facts[f"{SIGN}{number:03d}"] = Field(said.group_of(place.name))
        return values

    def told(self, text: str) -> set[Field]:
        """The facts that are in a text."""
        found = {self.facts[mark] for mark in MARK.findall(text) if mark in self.facts}
        found |= {field for words, field in SAID.items() if words in text.replace("\xa0", " ")}
        code = str(self.made["people.Person"].code)
        return found | ({Field.CARD} if shown_code(code) in text or code in text else set())


class TakenBack(Exception):
    """Rolls all back at the end."""


@pytest.fixture(scope="module")
def planted(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ground]:
    standing = Clock(NOON)
    with (
        django_db_blocker.unblock(),
        translation.override("fr"),
        pytest.MonkeyPatch.context() as patch,
        suppress(TakenBack),
        transaction.atomic(),
    ):
        patch.setattr(timezone, "now", standing.now)
        from django.conf import settings

        patch.setattr(settings, "MEDIA_ROOT", tmp_path_factory.mktemp("files"), raising=False)
        world = build_world(standing.now())
        planter = Recorder(standing.now())
        Organisation.objects.move(
            planter.node, Organisation.objects.get(pk=world.network.pk), pos="last-child"
        )
        planter.made["accounts.Organisation"] = planter.node = Organisation.objects.get(pk=planter.node.pk)
        person = planter.plant()
        said_in_lists(person, standing.now())
        write_files(person, planter)
        yield Ground(world, planter, person)
        raise TakenBack


def said_in_lists(person: Person, now: datetime) -> None:
    """What a page reads as a word of a list, and what holds no mark."""
    Person.objects.filter(pk=person.pk).update(birth_year=BORN.year, birth_date=BORN)
    Attachment.objects.filter(person=person).update(removed_at=None)
    ContactWay.objects.filter(person=person).update(phone=PHONE)
    SituationFact.objects.create(
        person=person, obstacle="reading", answer="no", said_on=now.date(), written_at=now
    )
    Onward.objects.filter(person=person).update(need=Need.GET_DEVICE)
    Handover.objects.filter(person=person).update(language="fr", terms_version="2026-11")
    JourneyExit.objects.filter(journey__person=person).update(
        device="full", connection="half", skills="empty", bag={}
    )
    # She comes today, and waits: the pages of the day show her.
    Appointment.objects.filter(person=person).update(
        state="booked", starts_at=now + timedelta(minutes=30), ends_at=now + timedelta(minutes=60)
    )
    QueueEntry.objects.filter(person=person).update(state="called", came_at=now, called_at=now)
    person.refresh_from_db()


@pytest.fixture
def ground(planted: Ground, db: None, clock: Clock) -> Ground:
    return replace(planted, world=replace(planted.world, made={}))


@pytest.fixture(scope="module")
def walked() -> dict[Role, dict[str, set[Field]]]:
    """What the roles that walked already were shown."""
    return {}


def seen_by(role: Role, ground: Ground) -> dict[str, set[Field]]:
    """The facts of hers that each address told someone of this role where she is followed; none for who is refused."""
    user = User.objects.create_user(f"outlet-{role}", first_name="Alix")
    Membership.objects.create(user=user, organisation=ground.planter.node, role=role)
    if role == Role.REFERRER:
        Referral.objects.filter(person=ground.person).update(referrer=user)
    if role == Role.VOLUNTEER:
        Appointment.objects.filter(person=ground.person).update(adviser=user)
        QueueEntry.objects.filter(person=ground.person).update(helper=user)
    hers, found = Substitute(ground), defaultdict(set)
    signed_in = Client()
    signed_in.force_login(user, backend=BACKEND)
    for name, rows in sorted(all_rows().items()):
        for row in rows:
            with transaction.atomic():
                address, data = asked(row, name, replace(ground.world, made={}), hers)
                client = Client(raise_request_exception=False)
                client.cookies = SimpleCookie(signed_in.cookies.output(header=""))
                for answer in answers(client, row, address, data):
                    if answer.status_code == 500:
                        found[name].add("500")
                    if answer.status_code in {200, 409, 422}:
                        found[name] |= ground.planter.told(read_answer(answer)) - ground.planter.told(
                            f"{address} {data}"
                        )
                transaction.set_rollback(True)
    return {name: facts for name, facts in found.items() if facts}


@pytest.mark.slow
@pytest.mark.xdist_group("outlets")
@pytest.mark.parametrize("role", ROLES)
def test_each_address_shows_a_role_what_the_table_opens_to_it(
    role: Role, ground: Ground, walked: dict[Role, dict[str, set[Field]]]
):
    seen = walked[role] = seen_by(role, ground)
    shown = sight_of_role(role, *TIES.get(role, ())).fields
    wrong = []
    for name, facts in seen.items():
        may = {Field(each) for each in OUTLETS.get(name, "").split()}
        expected = may & shown
        if name in CODE_FOR_NAME and Field.NAME in shown:
            expected -= {Field.CARD}
        if facts != expected:
            wrong.append(f"{name}: too much {sorted(facts - expected)}, missing {sorted(expected - facts)}")
    assert wrong == []


@pytest.mark.slow
@pytest.mark.xdist_group("outlets")
def test_every_address_of_the_list_shows_what_it_says_to_someone(
    ground: Ground, walked: dict[Role, dict[str, set[Field]]]
):
    if connection.vendor != "sqlite":
        pytest.skip("what a page shows hangs on no database; each role is walked on both above")
    found: dict[str, set[str]] = defaultdict(set)
    for role in (Role.PROGRAMME_LEAD, Role.REFERRER, Role.LOGISTICS):
        with transaction.atomic():
            for name, facts in (walked.get(role) or seen_by(role, ground)).items():
                found[name] |= facts
            transaction.set_rollback(True)
    listed = {name: set(facts.split()) for name, facts in OUTLETS.items()}
    # Only who interviews is shown the form on paper, before anything is asked.
    interviews = {name for name in listed if name.startswith("desk:interview")}
    assert {name: facts for name, facts in listed.items() if name not in interviews} == {
        name: facts for name, facts in found.items() if name not in interviews
    }


def test_a_look_up_shows_what_the_table_opens(ground: Ground):
    client = Client(headers={"hx-request": "true"})
    user = User.objects.create_user("outlet-look-up", first_name="Alix")
    Membership.objects.create(user=user, organisation=ground.planter.node, role=Role.RECEPTIONIST)
    client.force_login(user, backend=BACKEND)
    rebuild_name_keys(ground.person)
    answer = client.post(
        "/people/look-up/", {"q": f"{ground.person.chosen_name} {ground.person.family_name}"}
    )
    assert ground.planter.told(read_answer(answer)) == {
        Field.CALLED, Field.NAME, Field.CARD, Field.BIRTH, Field.LANGUAGES, Field.WHERE,
    }  # fmt: skip
