"""What is known of skills, for screens and for the rules above."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext

from bagage.common.words import is_french
from bagage.people.models import Person
from bagage.skills.models import Item, Observation, Step


@dataclass(frozen=True, slots=True)
class AskedItem:
    """One of the fifteen, as it is asked: its title in the reader's language, its DigComp codes ("1.1, 1.2")."""

    code: str
    group: str
    group_title: str
    title: str
    competences: str


def asked_items() -> list[AskedItem]:
    """The current items in the order in which they are asked; two queries."""
    titles = dict(Item._meta.get_field("group").flatchoices)
    french = is_french()
    return [
        AskedItem(
            code=item.code,
            group=item.group,
            group_title=str(titles[item.group]),
            title=item.title_fr if french else item.title_en,
            competences=", ".join(one.code for one in item.competences.all()),
        )
        for item in Item.objects.filter(is_current=True).prefetch_related("competences")
    ]


def item_titles() -> dict[str, str]:
    """The title of each current item in the reader's language, by its code; one query."""
    title = "title_fr" if is_french() else "title_en"
    return dict(Item.objects.filter(is_current=True).values_list("code", title))


def observations_of(person_ids: Iterable[int], *, until: date | None = None) -> list[Observation]:
    """All that was ever observed of these persons, oldest first, with its item; one query.

    Of two facts of one day, the one written later comes last. ``until`` leaves out what was observed after that day.
    """
    found = Observation.objects.filter(person_id__in=list(person_ids)).select_related("item")
    if until is not None:
        found = found.filter(observed_on__lte=until)
    return list(found.order_by("observed_on", "written_at", "pk"))


def positioning(person_ids: Iterable[int], *, until: date | None = None) -> dict[str, Observation]:
    """The newest observation of each item, by item code. The ids are those of one person (her files together)."""
    return {one.item.code: one for one in observations_of(person_ids, until=until)}


def step_words(grammar: str) -> dict[str, str]:
    """The words of the four steps and of "on ne sait pas", short enough for a button, agreed with the person."""
    if grammar == Person.Grammar.SHE:
        guided, alone = gettext("guidée"), gettext("seule")
    elif grammar == Person.Grammar.HE:
        guided, alone = gettext("guidé"), gettext("seul")
    else:
        guided, alone = gettext("avec aide"), gettext("sans aide")
    return {
        str(Step.NEVER.value): gettext("jamais"),
        str(Step.GUIDED.value): guided,
        str(Step.SOMETIMES.value): gettext("parfois"),
        str(Step.ALONE.value): alone,
        "unknown": gettext("on ne sait pas"),
    }


def step_sentences(grammar: str) -> dict[str, str]:
    """The same steps, in full."""
    if grammar == Person.Grammar.SHE:
        return {
            "0": gettext("jamais fait"),
            "1": gettext("guidée pas à pas"),
            "2": gettext("guidée parfois"),
            "3": gettext("seule"),
            "unknown": gettext("on ne sait pas"),
        }
    if grammar == Person.Grammar.HE:
        return {
            "0": gettext("jamais fait"),
            "1": gettext("guidé pas à pas"),
            "2": gettext("guidé parfois"),
            "3": gettext("seul"),
            "unknown": gettext("on ne sait pas"),
        }
    return {
        "0": gettext("jamais fait"),
        "1": gettext("avec aide, pas à pas"),
        "2": gettext("avec aide parfois"),
        "3": gettext("sans aide"),
        "unknown": gettext("on ne sait pas"),
    }
