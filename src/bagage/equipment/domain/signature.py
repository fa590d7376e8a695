"""What a person draws with her finger, as the path of an SVG in a frame of 400 by 130."""

from __future__ import annotations

import re

WIDTH, HEIGHT = 400, 130
LONGEST = 20_000

# Only what the pad writes: moves and lines between whole points.
_PATH = re.compile(r"(?:M\d{1,3} \d{1,3}(?:L\d{1,3} \d{1,3})*)+")


def clean_signature(text: str) -> str:
    """The path as it is kept; ``""`` when it is empty or is nothing that the pad writes.

    A cross is enough, a single point is not: something must have been drawn.
    """
    path = text.strip()
    if len(path) > LONGEST or "L" not in path or not _PATH.fullmatch(path):
        return ""
    return path
