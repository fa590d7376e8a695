"""User names: short, read aloud easily, the same whatever the capitals."""

import re
from collections.abc import Container

from anyascii import anyascii

# Written so that it can be typed on any keyboard; "@" would be taken for a mail.
PATTERN = re.compile(r"[a-z0-9][a-z0-9._-]{1,58}[a-z0-9]")


def clean_username(text: str) -> str:
    """What was typed, in small letters; ValueError unless it is 3 to 60 signs of a-z 0-9 . _ -"""
    cleaned = text.strip().lower()
    if not PATTERN.fullmatch(cleaned):
        raise ValueError("3 to 60 signs: letters without accents, digits, dot, dash")
    return cleaned


def propose_username(first_name: str, taken: Container[str]) -> str:
    """A free user name made of the first name: ``"aicha"``, then ``"aicha2"``."""
    stem = re.sub(r"[^a-z0-9]+", "", anyascii(first_name).lower())[:40] or "compte"
    if len(stem) < 3:
        stem += "01"
    number, name = 1, stem
    while name in taken:
        number += 1
        name = f"{stem}{number}"
    return name
