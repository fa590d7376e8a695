"""``bagage look_up``: the whole network, one text or one a line, and its row in the trail."""

import io
import json
import os

import pytest
from django.core.management import CommandError, call_command

from bagage.people import services
from bagage.people.models import PersonReference
from bagage.trail.models import Entry
from tests.people.factories import make_network, make_person, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def net(now):
    return make_network()


@pytest.fixture
def adviser(net):
    return make_user(net.riquet)


@pytest.fixture
def her(net, adviser):
    return make_person(
        net.riquet, "Fatoumata Diarra", by=adviser, birth_year=1985, where="Saint-Denis", phone="+33639984127"
    )


def answer(text, **options):
    out = io.StringIO()
    call_command("look_up", text, json=True, stdout=out, **options)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def answers(monkeypatch, content):
    """What is answered when ``content`` comes on standard input."""
    read, write = os.pipe()
    os.write(write, content.encode())
    os.close(write)
    with os.fdopen(read, "rb") as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        return answer("-")


def test_look_up_command_answers_one_list(her, now):
    PersonReference.objects.create(person=her, source="import", reference="A-17", added_at=now)
    ((best,),) = answer("fatouma diara 85")
    assert best == {
        "id": str(her.uuid),
        "reference": "A-17",
        "name": "Fatoumata Diarra",
        "score": best["score"],
        "reasons": ["Fatouma se dit pour Fatoumata", "Diara et Diarra, une lettre", "naissance en 1985"],
    }
    assert 0.8 <= best["score"] <= 1


@pytest.mark.parametrize(
    "text", ["Fatou Saint-Denis 1985", "06 39 98 41 28", "Диара Фатума", "fatou vers 1986"]
)
def test_look_up_command_understands_a_commune_a_phone_and_any_script(net, adviser, her, text):
    make_person(net.saint_denis, "Fatou Sow", by=adviser, birth_year=1971, where="Marseille")
    ((best, *_),) = answer(text)
    assert best["id"] == str(her.uuid)


def test_look_up_command_reads_one_text_a_line_and_answers_each(her, monkeypatch):
    found = answers(monkeypatch, "fatouma\n\nZachée Brunet\nDiarra Fatoumata")
    assert [[each["name"] for each in line] for line in found] == [
        ["Fatoumata Diarra"],
        [],
        [],
        ["Fatoumata Diarra"],
    ]


def test_look_up_command_leaves_one_row_and_nothing_of_what_was_asked(her, monkeypatch):
    answers(monkeypatch, "fatouma\nZachée Brunet\n")
    (entry,) = Entry.objects.filter(verb="look_up_by_command")
    assert (entry.actor, entry.reason, entry.person, entry.thing) == (
        "system:look_up",
        "2 recherches",
        "",
        "",
    )


def test_look_up_command_gives_the_newest_reference_of_all_her_files(net, adviser, her, now):
    other = make_person(net.saint_denis, "Diarra Fatou", by=adviser)
    PersonReference.objects.create(person=other, source="import", reference="B-2", added_at=now)
    services.mark_as_same(her, other, by=adviser)
    ((best,),) = answer("fatoumata diarra")
    assert (best["id"], best["reference"]) == (str(her.uuid), "B-2")
    PersonReference.objects.create(person=her, source="caf", reference="A-17", added_at=now)
    PersonReference.objects.create(person=her, source="import", reference="A-18", added_at=now)
    ((best,),) = answer("fatoumata diarra")
    assert best["reference"] == "A-18"


def test_look_up_command_in_an_empty_installation_answers_nobody(db):
    assert answer("fatou") == [[]]


@pytest.mark.parametrize("text", ["", "  "])
def test_look_up_command_refuses_an_empty_text(db, text):
    with pytest.raises(CommandError, match="TEXT is empty"):
        call_command("look_up", text)


def test_look_up_command_in_words(her, capsys):
    call_command("look_up", "fatouma diara 85")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith(f"Fatoumata Diarra (very likely)  {her.uuid}")
    call_command("look_up", "Zachée")
    assert capsys.readouterr().out == "Nobody is like that here.\n"


def test_look_up_command_gives_ten_at_most(net, adviser):
    for number in range(12):
        make_person(net.riquet, "Fatoumata Diarra", by=adviser, birth_year=1980 + number)
    (found,) = answer("fatoumata diarra")
    assert len(found) == 10
    assert [each["score"] for each in found] == sorted((each["score"] for each in found), reverse=True)
    (found,) = answer("fatoumata diarra 1990", limit=1)
    assert [each["reasons"] for each in found] == [["même nom", "naissance en 1990"]]
