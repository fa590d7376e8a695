"""``bagage advise_connection``, run as it is from a shell, on files."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bagage.connection.domain.exchange import write_answer
from bagage.connection.domain.programme import read_person, read_programme
from bagage.connection.domain.readable import in_plain_words
from tests.connection.test_rest import PERSON, PROGRAMME


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "offers.json").write_text(json.dumps(PROGRAMME))
    (tmp_path / "person.json").write_text(json.dumps(PERSON))
    return tmp_path


def advise(here: Path, *arguments: str, given: bytes = b"") -> tuple[int, str, str]:
    """Exit status, what was printed, and what was said of errors."""
    done = subprocess.run(
        [sys.executable, "-m", "bagage", "advise_connection", *arguments],
        cwd=here,
        input=given,
        capture_output=True,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": ":".join(map(os.path.abspath, filter(None, sys.path))),
        },
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def test_answer_as_json_needs_neither_home_nor_database(here):
    status, printed, said = advise(here, "offers.json", "person.json", "--json")
    answer = json.loads(printed)
    assert (status, said, printed) == (0, "", write_answer(answer) + "\n")
    assert sorted(answer) == [
        "against_today", "best", "closed", "premium", "ranking", "saving", "to_check", "unserved",
    ]  # fmt: skip
    assert (answer["best"]["total"], answer["closed"]) == (
        "25.00",
        [{"offer": "forfait-2", "missing": ["bank_account"]}],
    )
    assert sorted(path.name for path in here.iterdir()) == ["offers.json", "person.json"]


def test_answer_in_plain_words(here):
    status, printed, said = advise(here, "offers.json", "person.json")
    assert (status, said) == (0, "")
    assert printed.startswith("Best: La Carte, Essai. 25.00 € over 90 days, 8.33 € a month; 15.00 € today")
    assert "Forfait 2: needs a bank account" in printed
    assert max(map(len, printed.splitlines())) <= 80


def test_persons_one_a_line_are_answered_in_order_and_a_wrong_one_is_named(here):
    persons = [PERSON, {"usage": {"voice_min": -1}}, "", {"usage": {}}]
    (here / "persons.jsonl").write_text(
        "\n".join([*(json.dumps(each) if each else "" for each in persons), "{", json.dumps(PERSON), ""])
    )
    status, printed, said = advise(here, "offers.json", "persons.jsonl", "--json")
    answers = [json.loads(line) for line in printed.splitlines()]
    assert [answer["best"]["total"] for answer in answers] == ["25.00", "10.00", "25.00"]
    assert (status, said.splitlines()) == (
        2,
        [
            "persons.jsonl, line 2: usage.voice_min: from 0 to 1000000000 (it is -1)",
            "persons.jsonl, line 5: column 2: not JSON: Expecting property name enclosed in double quotes",
            "bagage advise_connection: persons.jsonl: 2 lines were not answered.",
        ],
    )


def test_standard_input_stands_for_either_file(here):
    offers, person = (here / "offers.json").read_bytes(), (here / "person.json").read_bytes()
    usual = advise(here, "offers.json", "person.json", "--json")
    assert advise(here, "-", "person.json", "--json", given=offers) == usual
    assert advise(here, "offers.json", "-", "--json", given=person) == usual
    assert (
        advise(here, "offers.json", "-", "--json", "--lines", given=person + b"\n" + person)[1]
        == usual[1] * 2
    )
    status, printed, said = advise(here, "-", "-", given=offers)
    assert (status, printed) == (2, "")
    assert "only one of OFFERS and PERSON can be read from standard input" in said


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("offers.json", None, "offers.json: there is no such file"),
        ("offers.json", "folder", "offers.json: this is a folder, not a file"),
        ("offers.json", b"", "offers.json: there is nothing in it"),
        ("offers.json", b'{"lines": []}', "offers.json: lines: the catalogue holds no line"),
        ("offers.json", b'{"lines": [{"id": "a"}}', "offers.json: line 1, column 23: not JSON: "),
        ("offers.json", b'{"lines": NaN}', "offers.json: lines: NaN is not a number of JSON"),
        ("person.json", None, "person.json: there is no such file"),
        ("person.json", b'{"usage": {}, "usage": {}}', "person.json: usage: this key stands twice in the same object"),
        ("person.json", b'{"usage": {"fax": 1}}', "person.json: usage.fax: unknown key; known are "),
        ("person.json", b"\xff\xfe", "person.json: byte 1: text in UTF-8 is needed"),
        ("person.json", b"[]", "person.json: an object with named values is needed"),
    ],
)  # fmt: skip
def test_wrong_file_is_refused_by_its_name_place_and_rule(here, name, content, said):
    path = here / name
    path.unlink()
    if content == "folder":
        path.mkdir()
    elif content is not None:
        path.write_bytes(content)
    status, printed, errors = advise(here, "offers.json", "person.json", "--json")
    assert (status, printed) == (2, "")
    assert errors.startswith(f"bagage advise_connection: {said}")
    assert "Traceback" not in errors


def test_every_broken_rule_is_said(here):
    wrong = json.loads(json.dumps(PROGRAMME))
    wrong["lines"][0]["sim_price"] = "-1.00"
    wrong["lines"][0]["offers"][0] |= {"price": "5.005", "colour": "red"}
    (here / "offers.json").write_text(json.dumps(wrong))
    status, printed, said = advise(here, "offers.json", "person.json")
    assert (status, printed, len(said.splitlines())) == (2, "", 3)
    for part in (
        "lines[0].sim_price: ",
        "lines[0].offers[0].price: at most 2 decimals",
        "offers[0].colour: unknown",
    ):
        assert part in said


@pytest.mark.parametrize("budget", ["0", "-1", "soon", "nan", "inf"])
def test_budget_is_a_number_of_seconds(here, budget):
    status, printed, said = advise(here, "offers.json", "person.json", f"--budget={budget}")
    assert (status, printed) == (2, "")
    assert "--budget" in said


def test_byte_order_mark_is_passed_over(here):
    (here / "person.json").write_bytes(b"\xef\xbb\xbf" + json.dumps(PERSON).encode())
    assert advise(here, "offers.json", "person.json", "--json")[0] == 0


# ---------- the table ----------
WHOLE = {
    "best": {
        "line": "carte",
        "total": "61.25",
        "proven": False,
        "at_least": "60.00",
        "per_month": "20.42",
        "day_0": "12.00",
        "purchases": [{"day": 0, "offer": "forfait-2", "price": "2.00"}],
        "overage": "3.25",
        "owed_after": "8.00",
        "fewest": {
            "total": "62.00",
            "proven": True,
            "per_month": "20.67",
            "day_0": "15.00",
            "purchases": [{"day": 0, "offer": "carte-5", "price": "5.00"}],
        },
        "if_usage_130": None,
    },
    "ranking": [{"line": "carte", "total": None, "proven": False, "at_least": "60.00"}],
    "closed": [
        {"offer": "forfait-2", "missing": ["bank_account", ["fixed_address", "social_referral"]]},
        {"offer": "carte-5", "limit": "max_payment"},
    ],
    "unserved": [{"line": "carte", "resource": "data_mb"}, {"line": "carte", "limit": "monthly_cap"}],
    "to_check": [{"offer": "carte-5", "unknown": ["validity_days", "source"]}],
    "premium": {
        "total": "9.00",
        "obstacles": [{"condition": "bank_account", "alone": "9.00", "share": "9.00"}],
        "opens_with": [],
        "proven": False,
    },
    "saving": "-3.00",
    "against_today": {"keep": True, "saving": "-1.00"},
}


def test_table_says_all_of_an_answer():
    told = in_plain_words(WHOLE, read_programme(PROGRAMME), read_person(PERSON))
    for part in (
        "Not proven in the time given: the least cost is 60.00 € or more.",
        "beyond the allowances",
        "owed after that, by the commitment",
        "With fewer purchases (62.00 € in all)",
        "If she used 30 % more, this line would not serve her.",
        "not known",
        "Forfait 2: needs a bank account; a fixed address or a social referral",
        "Recharge « 5 »: dearer than what she can pay on one day",
        "no offer there gives mobile data as she uses them",
        "what may be bought on it in a month is not enough",
        "the source does not say how long it is valid and source",
        "without a bank account",
        "keep it; changing costs 1.00 € more.",
    ):
        assert part in told
    assert max(map(len, told.splitlines())) <= 80


def test_table_says_what_opens_a_way_when_nothing_serves():
    nothing = WHOLE | {
        "best": None,
        "ranking": [],
        "premium": {"total": None, "obstacles": [], "opens_with": [["bank_account", "email"]]},
        "saving": None,
        "against_today": None,
    }
    told = in_plain_words(nothing, read_programme(PROGRAMME), read_person(PERSON))
    assert told.startswith("Nothing that is open to her serves what she uses")
    assert "  opens with: a bank account and an e-mail address" in told


def test_table_never_moves_the_cursor():
    programme = json.loads(json.dumps(PROGRAMME))
    programme["lines"][0]["name"] = "Carte\x1b[2J\n"
    told = in_plain_words(WHOLE, read_programme(programme), read_person(PERSON))
    assert "\x1b" not in told
