"""Tags of the pages of referrals."""

from dataclasses import dataclass

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bagage.common import codes
from bagage.common.words import before_colon, joined
from bagage.directory.models import Structure
from bagage.people import words as people_words
from bagage.people.models import Person
from bagage.people.queries import Hit
from bagage.permanences.models import Site
from bagage.permanences.queries import NearSite
from bagage.referrals import onward_words, words
from bagage.referrals.models import Referral, ReferralState

register = template.Library()


@register.filter
def place(site: Site) -> str:
    """ "Riquet, Paris 19e"."""
    return words.site_name(site)


@register.filter
def place_line(structure: Structure) -> str:
    """ "8 quai de la Loire, 75019 Paris"."""
    return onward_words.place_line(structure)


@register.filter
def km(distance: float | None) -> str:
    """ "1,4 km"; nothing when it is not known (the foot of the list says so)."""
    if distance is None:
        return ""
    return f"{number_format(distance, decimal_pos=1 if distance < 20 else 0, use_l10n=True)}\u00a0km"


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that a permanence can or cannot do, with its icon."""

    icon: str
    text: str


NEEDS = {
    "device": lambda: _("appareil"),
    "connection": lambda: _("connexion"),
    "skills": lambda: _("apprendre"),
}


@register.filter
def reasons(near: NearSite, wanted: list[str]) -> list[Reason]:
    """Why a permanence is proposed: what it can help with, what waits, what it cannot, what nobody knows."""
    lines = []
    now = [need for need in near.can_help if not near.waits.get(need)]
    if now:
        lines.append(Reason("check", words.capital(joined([NEEDS[need]() for need in now])) + "."))
    for need, days in near.waits.items():
        if days:
            wait = (
                ngettext("%(count)s semaine d’attente", "%(count)s semaines d’attente", days // 7)
                % {"count": days // 7}
                if days >= 14
                else ngettext("%(count)s jour d’attente", "%(count)s jours d’attente", days) % {"count": days}
            )
            lines.append(Reason("hourglass", f"{before_colon(words.capital(NEEDS[need]()))} {wait}."))
    missing = [need for need in wanted if need not in near.can_help]
    if missing:
        lines.append(
            Reason("x", _("Pas ici : %(needs)s.") % {"needs": joined([NEEDS[need]() for need in missing])})
        )
    if near.site.languages:
        lines.append(Reason("languages", _("On y parle %(languages)s.") % {"languages": near.site.languages}))
    if near.site.access == "no":
        lines.append(Reason("x", _("Il y a des marches.")))
    elif "access" in near.unknowns:
        lines.append(Reason("circle-help", _("Marches : on ne sait pas.")))
    return lines


@register.filter
def state_mark(referral: Referral) -> SafeString:
    """The mark of its state in a list."""
    return words.state_mark(referral, timezone.now())


NEWS_ICONS = {
    "device": "smartphone",
    "line": "wifi",
    "right": "ticket",
    "renewed": "ticket",
    "session": "calendar-check",
    "onward": "route",
}


@register.filter
def news_icon(kind: str) -> str:
    """The icon of one thing that whoever referred was told."""
    return NEWS_ICONS[kind]


@register.filter
def state_word(state: str) -> str:
    """ "Rendez-vous" of "appointment"."""
    return str(ReferralState(state).label)


@register.filter
def first_name(author: str) -> str:
    """ "Hélène" of "Hélène, Riquet"."""
    return author.partition(",")[0]


@register.filter
def shown_code(code: str) -> str:
    """ "4PX 9KM"."""
    return codes.shown_code(code)


@register.filter
def born(hit: Hit) -> str:
    """When the person of a file was born, as far as it is known."""
    return people_words.birth_words(hit.person)


@register.filter
def file_url(person: Person) -> str:
    """The address of her file."""
    try:
        return reverse("desk:person", kwargs={"uuid": person.uuid})
    except NoReverseMatch:
        return ""
