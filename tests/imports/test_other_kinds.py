"""Organisations, accounts, rights and past help from files: written through their own acts, taken back unless used."""

from datetime import date

import pytest
from django.utils import translation

from bagage.accounts import services as accounts
from bagage.accounts.domain.roles import Role
from bagage.accounts.models import ROLE_NAMES, Membership, Organisation, User
from bagage.imports import services
from bagage.imports.domain.tables import folded
from bagage.imports.importing import ROLE_OF
from bagage.imports.kinds import all_kinds
from bagage.imports.models import Row
from bagage.messaging.models import Message
from bagage.people.models import PersonReference
from bagage.permanences.models import NamelessHelp, Site
from bagage.shop.models import AccessRight
from tests.imports.factories import Ground, codes, read, states
from tests.people.factories import make_person, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ground(now):
    return Ground()


@pytest.fixture
def admin(ground):
    return make_user(ground.network.root, Role.ADMINISTRATOR, "Claire")


def rows_out(kind: str, *nodes: Organisation, at, by: User | None = None) -> list[list[object]]:
    return [list(row) for row in all_kinds()[kind].rows_out(nodes, at, by=by or User())]


# ---------- organisations ----------
ORGANISATIONS = "Structure;Ville;Adresse;Tél;Type"


def test_organisations_are_added_once_and_taken_back(ground, admin, now):
    root = ground.network.root
    accounts.add_organisation(root, kind="referring", name="CCAS de Lille", by=admin)
    options = {"kind": "organisations", "node": root, "by": admin, "headings": ORGANISATIONS}
    batch = read(
        ground,
        ["CCAS de LILLE;Lille;;;", "Le CCAS de Lille;Lille;;;", "Emmaüs Solidarité;Paris;;01 39 98 00 01;partenaire",
         ";Paris;;;", "Emmaus solidarite;;;;"],
        **options,
    )  # fmt: skip
    assert states(batch) == {2: "skipped", 3: "alike", 4: "to_write", 5: "set_aside", 6: "set_aside"}
    assert codes(batch) == {5: ["no_name"], 6: ["twice_in_file"]}
    services.decide_row(
        batch, 3, "same", same_as=Row.objects.get(batch=batch, number=3).alike[0]["thing"], by=admin
    )
    services.write_batch(batch, by=admin)
    made = Organisation.objects.get(name="Emmaüs Solidarité")
    assert (made.kind, made.city, made.phone, made.path[: -made.steplen]) == (
        "partner",
        "Paris",
        "01 39 98 00 01",
        root.path,
    )
    assert Organisation.objects.get(name="CCAS de Lille").city == "Lille"
    assert rows_out("organisations", root, at=now) == [
        ["Nom de l’organisation", "Ville", "Adresse", "Téléphone", "Oriente ou partenaire"],
        ["CCAS de Lille", "Lille", "", "", "oriente"],
        ["Emmaüs Solidarité", "Paris", "", "01 39 98 00 01", "partenaire"],
    ]
    services.undo_batch(batch, by=admin)
    assert not Organisation.objects.filter(name="Emmaüs Solidarité").exists()
    assert Organisation.objects.get(name="CCAS de Lille").city == ""
    assert Organisation.objects.find_problems() == ([], [], [], [], [])


def test_an_organisation_that_someone_works_for_stays(ground, admin):
    batch = read(
        ground,
        ["CCAS 19;Paris;;;"],
        kind="organisations",
        node=ground.network.root,
        by=admin,
        headings=ORGANISATIONS,
    )
    services.write_batch(batch, by=admin)
    node = Organisation.objects.get(name="CCAS 19")
    Membership.objects.create(user=make_user(ground.network.riquet), organisation=node, role=Role.REFERRER)
    services.undo_batch(batch, by=admin)
    assert (states(batch), codes(batch)) == ({2: "kept"}, {2: ["linked"]})
    assert Organisation.objects.filter(name="CCAS 19").exists()


# ---------- staff ----------
STAFF = "Prénom;Nom;Rôle;Permanence;Fonction;Mail"


def test_accounts_are_invited_and_taken_back_while_nobody_has_come(ground, admin, now):
    batch = read(
        ground,
        ["Nadia;Ben;Accueil;Riquet;;nadia@example.org", "Omar;;bénévole;riquet;retraité;", "Ines;;cheffe;Riquet;;",
         "Yao;;conseiller;Ailleurs;;", "Léa;;prescriptrice;Riquet;;", "Zoé;;conseillère;Riquet;;pas un mail"],
        kind="staff", node=ground.network.root, by=admin, headings=STAFF,
    )  # fmt: skip
    assert codes(batch) == {
        4: ["role_unknown"], 5: ["not_in_scope"], 6: ["role_elsewhere"], 7: ["not_a_mail"],
    }  # fmt: skip
    services.write_batch(batch, by=admin)
    nadia = User.objects.get(first_name="Nadia")
    assert [(each.role, each.organisation.name) for each in nadia.current_memberships] == [
        ("receptionist", "Riquet")
    ]
    Message.objects.filter(to="nadia@example.org").update(state="queued", settled_at=None)
    assert ["Nadia", "Ben", "accueil", "Riquet", "", "nadia@example.org"] in rows_out(
        "staff", ground.network.riquet, at=now
    )
    services.undo_batch(batch, by=admin)
    assert not User.objects.filter(first_name__in=["Nadia", "Omar"]).exists()
    assert Message.objects.get().state == "cancelled"


def test_an_account_whose_owner_has_come_stays(ground, admin):
    batch = read(
        ground,
        ["Nadia;Ben;accueil;Riquet;;"],
        kind="staff",
        node=ground.network.root,
        by=admin,
        headings=STAFF,
    )
    services.write_batch(batch, by=admin)
    nadia = User.objects.get(first_name="Nadia")
    nadia.set_password("les canards du canal")
    nadia.save()
    services.undo_batch(batch, by=admin)
    assert (states(batch), codes(batch)) == ({2: "kept"}, {2: ["accepted"]})


def test_a_mail_that_is_known_is_the_same_account(ground, admin):
    User.objects.filter(pk=ground.lead.pk).update(email="karim@example.org")
    rows = ["Karim;Lenoir;accueil;Riquet;;KARIM@example.org"]
    batch = read(ground, rows, kind="staff", node=ground.network.root, by=admin, headings=STAFF)
    assert states(batch) == {2: "skipped"}


# ---------- rights ----------
RIGHTS = "Identifiant;Numéro du bon;Date du bon"


@pytest.fixture
def awa(ground, now):
    person = make_person(ground.network.riquet, "Awa Sangaré", by=ground.lead)
    PersonReference.objects.create(person=person, source="import", reference="A1", added_at=now)
    return person


def test_rights_open_for_who_has_a_file_and_are_taken_back(ground, awa, now):
    other = make_person(ground.network.riquet, "Ines Haddad", by=ground.lead)
    elsewhere = make_person(ground.network.saint_denis, "Yao Kouassi", by=ground.lead)
    batch = read(
        ground,
        ["A1;b 12;20/11/2026", f"{other.code};;01/11/2026", "A9;B13;", f"{elsewhere.code};B14;", "A1;B12;",
         "A1;B15;31/12/2026"],
        kind="rights", headings=RIGHTS,
    )  # fmt: skip
    assert codes(batch) == {
        4: ["not_found"], 5: ["not_found"], 6: ["twice_in_file"], 7: ["day_to_come"],
    }  # fmt: skip
    services.write_batch(batch, by=ground.lead)
    rights = AccessRight.objects.order_by("pk").values_list("person", "source", "begins_on", "is_mistake")
    assert list(rights) == [
        (awa.pk, "voucher:B12", date(2026, 11, 20), False),
        (other.pk, "decision", date(2026, 11, 1), False),
    ]
    out = rows_out("rights", ground.network.riquet, at=now, by=ground.lead)
    assert [row[:3] for row in out[1:]] == [
        [other.code, "", date(2026, 11, 1)], ["A1", "B12", date(2026, 11, 20)],
    ]  # fmt: skip
    again = read(ground, ["A1;B12;20/11/2026"], kind="rights", headings=RIGHTS)
    assert states(again) == {2: "skipped"}
    services.undo_batch(batch, by=ground.lead)
    assert set(AccessRight.objects.values_list("is_mistake", flat=True)) == {True}


# ---------- past help ----------
HELP = "Date;Sujet;Durée;Nombre"


def test_past_help_is_counted_and_taken_back(ground, now):
    Site.objects.create(organisation=ground.network.riquet, address="14 rue Riquet", city="Paris")
    batch = read(
        ground,
        ["03/11/2026;Impression;15;3", "04/11/2026;;;", "05/11/2026;tricot;10;1", ";mail;5;1", "06/11/2026;mail;900;1"],
        kind="help", headings=HELP,
    )  # fmt: skip
    assert codes(batch) == {4: ["topic_unknown"], 5: ["no_day"], 6: ["out_of_bounds"]}
    services.write_batch(batch, by=ground.lead)
    counted = NamelessHelp.objects.order_by("at", "pk").values_list("topic", "minutes", "at__date")
    assert list(counted) == [("print", 15, date(2026, 11, 3))] * 3 + [("other", 10, date(2026, 11, 4))]
    assert len(rows_out("help", ground.network.riquet, at=now)) == 5
    services.undo_batch(batch, by=ground.lead)
    assert NamelessHelp.objects.filter(undone_at=None).count() == 0
    assert NamelessHelp.objects.count() == 4


def test_past_help_needs_a_site(ground):
    batch = read(ground, ["03/11/2026;Impression;15;3"], kind="help", headings=HELP)
    assert codes(batch) == {2: ["no_site"]}


# ---------- what an English screen says comes back in ----------
def test_words_of_an_english_export_are_read() -> None:
    with translation.override("en"):
        for name, kind in all_kinds().items():
            for field in kind.fields:
                assert folded(str(field.label)) in field.wanted.headings, (name, field.name)
        for role, label in ROLE_NAMES.items():
            assert ROLE_OF[folded(str(label))] == role
    for role, label in ROLE_NAMES.items():
        assert ROLE_OF[folded(str(label))] == role
