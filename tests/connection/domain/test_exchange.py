"""Programme files and persons as JSON text."""

from decimal import Decimal

import pytest

from bagage.connection.domain.exchange import problem_words, read_json, write_answer
from bagage.connection.domain.programme import Problem, Refused


def refused(content: bytes, **options: bool) -> list[tuple[str, str, str]]:
    with pytest.raises(Refused) as refusal:
        read_json(content, where="file", **options)
    return [(each.where, each.place, each.code) for each in refusal.value.problems]


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b'{"a": [1, true, null, "x"]}', {"a": [1, True, None, "x"]}),
        (b'\xef\xbb\xbf{"a": 1}\r\n', {"a": 1}),
        (b"0.10", Decimal("0.10")),
        ('"é € \\ud83d\\ude00"'.encode(), "é € 😀"),
        (b"12345678901234567890123", Decimal("12345678901234567890123")),
    ],
)
def test_json_is_read_exactly(content, value):
    found = read_json(content, where="file")
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("content", "place", "code"),
    [
        (b"", "", "empty"),
        (b" \n\t", "", "empty"),
        (b"\xef\xbb\xbf", "", "empty"),
        ('{"prix": "5,00 €"}'.encode("cp1252"), "byte 16", "encoding"),
        ('{"a": 1}'.encode("utf-16"), "byte 1", "encoding"),
        (b"{", "line 1, column 2", "json"),
        (b'{\n  "a": 1\n  "b": 2}', "line 3, column 3", "json"),
        (b"{} {}", "line 1, column 4", "json"),
        (b"PK\x03\x04", "line 1, column 1", "json"),
        (b"[" * 100_000 + b"]" * 100_000, "", "depth"),
        (b"NaN", "", "number"),
        (b'{"lines": [{"sim_price": -Infinity}]}', "lines[0].sim_price", "number"),
        (b'{"a": 1, "b": 2, "a": 3}', "a", "twice"),
        (b'{"lines": [{"offers": [{}, {"id": "x", "id": "x"}]}]}', "lines[0].offers[1].id", "twice"),
        (b'{"has": ["\\ud800"]}', "has[0]", "text"),
        (b'{"\\ud800": 1}', "", "text"),
        (b"9" * 5000, "", None),
    ],
)
def test_json_traps_are_named_by_their_place(content, place, code):
    if code is None:
        assert read_json(content, where="file") == Decimal("9" * 5000)
    else:
        assert refused(content) == [("file", place, code)]


def test_json_traps_are_all_named():
    assert refused(b'{"a": NaN, "b": {"c": 1, "c": Infinity}}') == [
        ("file", "a", "number"),
        ("file", "b.c", "twice"),
        ("file", "b.c", "number"),
    ]


def test_json_of_one_line_is_placed_by_its_column():
    assert refused(b'{"a": }\n', one_line=True) == [("file", "column 7", "json")]


def test_answer_is_one_line_that_keeps_its_letters():
    assert write_answer({"line": "é\n€", "total": None}) == '{"line": "é\\n€", "total": null}'


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (
            Problem("f", "a.b", "money", "at most 2 decimals", "5.005"),
            'f: a.b: at most 2 decimals (it is "5.005")',
        ),
        (
            Problem("f", "a", "whole", "a whole number is needed", True),
            "f: a: a whole number is needed (it is true)",
        ),
        (Problem("f", "", "empty", "there is nothing in it"), "f: there is nothing in it"),
        (Problem("f", "a", "text", "a text is needed", "x" * 41), "f: a: a text is needed"),
        (Problem("f", "a", "text", "a text is needed", ["x"]), "f: a: a text is needed"),
    ],
)
def test_problem_is_said_in_one_line(problem, words):
    assert problem_words(problem) == words
