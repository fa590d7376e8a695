"""The verbs of shop in the trail."""

WORDS: dict[str, object] = {}
