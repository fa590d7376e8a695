"""The verbs of equipment in the trail."""

WORDS: dict[str, object] = {}
