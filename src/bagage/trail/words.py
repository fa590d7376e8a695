"""How the verbs of the trail read on a screen.

An activity declares its own in ``trail_words.py``, as the second half of a sentence that begins with who did it::

    WORDS = {"referral.accept": _("a accepté l’orientation")}
"""

from functools import cache
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.utils.functional import Promise


@cache
def all_words() -> dict[str, str | Promise]:
    """Every declared verb with its words, which stay to be translated."""
    found: dict[str, str | Promise] = {}
    for app in apps.get_app_configs():
        name = f"{app.name}.trail_words"
        if app.name.startswith("bagage.") and find_spec(name):
            found |= import_module(name).WORDS
    return found


def words_of(verb: str) -> str:
    """``"a accepté l’orientation"``; the verb itself when no activity declared it."""
    return str(all_words().get(verb, verb))
