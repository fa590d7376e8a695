"""Programme files, persons and answers as JSON text: read with every trap named by its place, written exactly."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal

from bagage.connection.domain.programme import Problem, Refused

# Longer whole numbers are no amount of anything; Python itself refuses some thousands of digits.
LONGEST_NUMBER = 18


class _Constant(str):
    """NaN or Infinity, which JSON does not have, until its place is known."""


class _Twice(dict[str, object]):
    """An object in which a key stands twice."""

    keys_twice: tuple[str, ...] = ()


def read_json(content: bytes, *, where: str, one_line: bool = False) -> object:
    """What a JSON text holds; numbers with decimals are exact. A byte-order mark is passed over.

    Refused: what is not UTF-8, empty, not JSON (line and column), nested too deep, a key twice in one object, NaN,
    infinities, texts that no file can hold. With ``one_line``, ``where`` names the line already.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refused(where, f"byte {error.start + 1}", "encoding", "text in UTF-8 is needed") from error
    if not text.strip():
        raise _refused(where, "", "empty", "there is nothing in it")
    try:
        data = json.loads(
            text,
            parse_float=Decimal,
            parse_int=_whole,
            parse_constant=_Constant,
            object_pairs_hook=_object,
        )
        problems = [Problem(where, *each) for each in _traps(data, "")]
    except json.JSONDecodeError as error:
        place = f"column {error.colno}" if one_line else f"line {error.lineno}, column {error.colno}"
        raise _refused(where, place, "json", f"not JSON: {error.msg}") from error
    except RecursionError as error:
        raise _refused(where, "", "depth", "lists and objects are nested too deep") from error
    if problems:
        raise Refused(problems)
    return data


def write_answer(answer: Mapping[str, object]) -> str:
    """An answer as one line of JSON, without its end of line: the same text by every way out."""
    return json.dumps(answer, ensure_ascii=False)


def problem_words(problem: Problem) -> str:
    """One line for a terminal: file, place and rule, then the value when it is short."""
    text = str(problem)
    if isinstance(problem.value, str | int | Decimal) and len(str(problem.value)) <= 40:
        shown = json.dumps(problem.value) if isinstance(problem.value, str | bool) else str(problem.value)
        return f"{text} (it is {shown})"
    return text


def _refused(where: str, place: str, code: str, rule: str) -> Refused:
    return Refused([Problem(where, place, code, rule)])


def _whole(digits: str) -> object:
    return int(digits) if len(digits) <= LONGEST_NUMBER else Decimal(digits)


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    twice = _Twice(found)
    twice.keys_twice = tuple(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
    return twice


def _traps(value: object, place: str) -> Iterator[tuple[str, str, str, object]]:
    """Place, code, rule and value of each trap, in the order of the text."""
    if isinstance(value, _Constant):
        yield place, "number", f"{value} is not a number of JSON", None
    elif isinstance(value, str):
        if not _can_be_written(value):
            yield place, "text", "a text holds half of a surrogate pair", None
    elif isinstance(value, list):
        for rank, each in enumerate(value):
            yield from _traps(each, f"{place}[{rank}]")
    elif isinstance(value, dict):
        if isinstance(value, _Twice):
            for key in value.keys_twice:
                yield _at(place, key), "twice", "this key stands twice in the same object", None
        for key, each in value.items():
            if not _can_be_written(key):
                yield place, "text", "a key holds half of a surrogate pair", None
            yield from _traps(each, _at(place, key))


def _at(place: str, key: str) -> str:
    shown = key.encode("utf-8", "replace").decode()
    return f"{place}.{shown}" if place else shown


def _can_be_written(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= sign <= "\udfff" for sign in text)
