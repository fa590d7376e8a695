"""Each verb reads as words, declared once."""

from importlib import import_module
from pathlib import Path

import bagage
from bagage.trail.words import all_words, words_of


def test_no_two_activities_declare_the_same_verb():
    declared = []
    for path in Path(bagage.__file__).parent.glob("*/trail_words.py"):
        declared += list(import_module(f"bagage.{path.parent.name}.trail_words").WORDS)
    assert len(declared) == len(set(declared)) == len(all_words())


def test_words_of_a_verb_that_nobody_declared_are_the_verb():
    assert words_of("trail.seal") == "a scellé un mois du journal"
    assert words_of("unknown.verb") == "unknown.verb"
