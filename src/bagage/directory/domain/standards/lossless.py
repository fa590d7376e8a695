"""What a standard can carry goes out as it came in, as long as nothing here says otherwise.

Our columns hold what is common to all sources; a record says more, or says it otherwise (a number with its spaces, a
second address). So beside the columns is kept, for each field that would go out differently, what came and what would
have gone out then. Later, when the columns still give the same, what came goes out; when they were corrected, they do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Carries = Callable[[str, Any], bool]


def kept_beside(came: Mapping[str, Any], written: Mapping[str, Any]) -> dict[str, list[Any]]:
    """For each field of a record that would be written differently: what came, and what would be written."""
    return {
        name: [value, written.get(name)]
        for name, value in came.items()
        if value not in (None, "", []) and value != written.get(name)
    }


def restored(written: Mapping[str, Any], beside: Mapping[str, Any], carries: Carries) -> dict[str, Any]:
    """A record to write: as it came where nothing changed since and the standard takes it, else as we say it."""
    record = dict(written)
    for name, pair in beside.items():
        came, was = pair
        if record.get(name) == was and carries(name, came):
            record[name] = came
    return record
