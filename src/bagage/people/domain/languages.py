"""Which of the two languages of Bagage is written for her, out of what is known of those she speaks."""

import re

from bagage.people.domain.names import fold

WRITTEN = {"francais": "fr", "french": "fr", "anglais": "en", "english": "en"}
# "un peu de français", "ne parle pas anglais": not a language to hand her a paper in.
BARELY = {"peu", "pas", "non", "sans", "aucun", "debutant", "debutante", "little", "no", "not"}


def printed_language(spoken: str) -> str:
    """``"fr"`` or ``"en"``: the first that she is said to speak, as in ``"dari, anglais"``; ``""`` otherwise.

    A language that she only speaks a little does not count.
    """
    for part in re.split(r"[,;/+&()]|\bet\b|\band\b|\bmais\b|\bbut\b", spoken):
        words = fold(part).split()
        if not BARELY.isdisjoint(words):
            continue
        for word in words:
            if word in WRITTEN:
                return WRITTEN[word]
    return ""
