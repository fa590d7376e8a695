"""The closed lists of data·inclusion v1 and what its schemas take, read once from the packaged schemas."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import resources
from typing import Any


@cache
def schema(name: str) -> dict[str, Any]:
    """The JSON Schema of ``"structure"`` or ``"service"``."""
    packed = resources.files("bagage.directory").joinpath(f"data/data_inclusion_v1/{name}.json")
    found: dict[str, Any] = json.loads(packed.read_text())
    return found


THEMES = frozenset(schema("service")["$defs"]["Thematique"]["enum"])
PUBLICS = frozenset(schema("service")["$defs"]["Public"]["enum"])
NETWORKS = frozenset(schema("structure")["$defs"]["ReseauPorteur"]["enum"])
_KINDS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "array": (list,),
    "boolean": (bool,),
}


def carries_structure(name: str, value: Any) -> bool:
    """Whether the schema of structures takes that value in that field."""
    return _carries("structure", name, value)


def carries_service(name: str, value: Any) -> bool:
    """Whether the schema of services takes that value in that field."""
    return _carries("service", name, value)


def _carries(kind: str, name: str, value: Any) -> bool:
    whole = schema(kind)
    wanted = whole["properties"].get(name)
    return wanted is not None and _takes(whole, wanted, value)


def _takes(whole: dict[str, Any], wanted: dict[str, Any], value: Any) -> bool:
    if "$ref" in wanted:
        return _takes(whole, whole["$defs"][wanted["$ref"].rpartition("/")[2]], value)
    if "anyOf" in wanted:
        return any(_takes(whole, each, value) for each in wanted["anyOf"])
    if wanted.get("type") == "null":
        return value is None
    if "enum" in wanted and value not in wanted["enum"]:
        return False
    if "const" in wanted and value != wanted["const"]:
        return False
    kind = _KINDS.get(wanted.get("type", ""))
    if kind and (not isinstance(value, kind) or (isinstance(value, bool) and bool not in kind)):
        return False
    if isinstance(value, str):
        return (
            len(value) >= wanted.get("minLength", 0)
            and len(value) <= wanted.get("maxLength", len(value))
            and ("pattern" not in wanted or re.search(wanted["pattern"], value) is not None)
            and _is_of_form(wanted.get("format", ""), value)
        )
    if isinstance(value, list):
        return (
            len(value) >= wanted.get("minItems", 0)
            and (not wanted.get("uniqueItems") or len({json.dumps(each) for each in value}) == len(value))
            and all(_takes(whole, wanted.get("items", {}), each) for each in value)
        )
    if isinstance(value, int | float):
        return bool(value >= wanted.get("minimum", value))
    return True


def _is_of_form(form: str, value: str) -> bool:
    if form == "uri":
        return re.fullmatch(r"https?://[^\s<>\"']{3,}", value) is not None
    if form == "email":
        return re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", value) is not None
    if form == "date":
        return re.fullmatch(r"\d{4}-\d\d-\d\d", value) is not None
    return True
