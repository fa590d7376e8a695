"""What is written of an orientation onward: to the place, on her paper, on the screens.

The place is told what she ticked and nothing else. Sentences speak of "une personne", so that they hold for a man too.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bagage.common import words
from bagage.common.codes import shown_code
from bagage.common.hour_words import hours_in_words
from bagage.common.templatetags.bagage import icon
from bagage.directory.domain.needs import Need
from bagage.directory.models import Structure
from bagage.people.domain.languages import printed_language
from bagage.permanences.models import Site
from bagage.referrals.models import Onward, OnwardStep
from bagage.referrals.words import capital

# What she goes there for, inside a sentence: "pour utiliser un ordinateur sur place".
NEED_WORDS = {
    Need.USE_COMPUTER_HERE.value: lambda: _("utiliser un ordinateur sur place"),
    Need.GET_DEVICE.value: lambda: _("obtenir un appareil"),
    Need.USE_WIFI_HERE.value: lambda: _("se connecter à Internet sur place"),
    Need.GET_CONNECTION.value: lambda: _("obtenir une connexion"),
    Need.LEARN_BASICS.value: lambda: _("apprendre à se servir du numérique"),
    Need.ONLINE_PROCEDURES.value: lambda: _("faire une démarche en ligne"),
    Need.UNDERSTAND.value: lambda: _("comprendre le numérique"),
    Need.STAY_SAFE.value: lambda: _("se protéger en ligne"),
    Need.FIND_WORK.value: lambda: _("chercher un travail en ligne"),
    Need.RAISE_CHILDREN.value: lambda: _("accompagner ses enfants avec le numérique"),
    Need.CREATE.value: lambda: _("créer avec le numérique"),
    Need.PRINT_SCAN.value: lambda: _("imprimer ou scanner un document"),
    Need.HELPED_AT_HOME.value: lambda: _("être aidée chez elle"),
    Need.UNKNOWN.value: lambda: _("être aidée avec le numérique"),
}


# The same on the paper that speaks to her, where the words differ.
NEED_WORDS_TO_HER = {
    Need.USE_WIFI_HERE.value: lambda: _("vous connecter à Internet sur place"),
    Need.LEARN_BASICS.value: lambda: _("apprendre à vous servir du numérique"),
    Need.STAY_SAFE.value: lambda: _("vous protéger en ligne"),
    Need.RAISE_CHILDREN.value: lambda: _("accompagner vos enfants avec le numérique"),
    Need.HELPED_AT_HOME.value: lambda: _("recevoir de l’aide chez vous"),
    Need.UNKNOWN.value: lambda: _("recevoir de l’aide avec le numérique"),
}


def need_words(need: str) -> str:
    """ "utiliser un ordinateur sur place"."""
    return NEED_WORDS[need]()


def need_words_to_her(need: str) -> str:
    """ "vous protéger en ligne": for a sentence that begins with "Vous"."""
    return NEED_WORDS_TO_HER.get(need, NEED_WORDS[need])()


def usual_reason(need: str) -> str:
    """The plain fact that the form proposes as a reason."""
    return _("Elle veut %(need)s.") % {"need": need_words(need)}


def place_line(structure: Structure) -> str:
    """ "8 quai de la Loire, 75019 Paris"; empty where nobody knows."""
    town = f"{structure.postcode} {structure.city}".strip()
    return ", ".join(part for part in (structure.address, town) if part)


# ---------- to the place ----------
@dataclass(frozen=True, slots=True)
class Shared:
    """What of her can be told to a place: values as they are in her file; empty where nobody knows."""

    first_name: str = ""
    family_name: str = ""
    languages: str = ""
    phone: str = ""
    is_phone_shared: bool = False
    asks: str = ""


def letter(*, sender: str, need: str, reason: str, code: str, shared: Shared, ticked: Collection[str]) -> str:
    """What the place reads, word for word, without the greeting and the link; only what is in ``ticked``."""
    name = ""
    if "first_name" in ticked:
        name = shared.first_name
    if "family_name" in ticked and shared.family_name:
        name = f"{name} {shared.family_name}".strip()
    first = (
        _("%(sender)s oriente vers vous une personne : %(name)s.") % {"sender": sender, "name": name}
        if name
        else _("%(sender)s oriente vers vous une personne.") % {"sender": sender}
    )
    lines = [
        first,
        _("Elle vient pour : %(need)s.") % {"need": need_words(need)},
    ]
    # The reason that the form proposes says what the line above says.
    if reason != usual_reason(need):
        lines.append(_("Pourquoi chez vous : %(reason)s") % {"reason": reason})
    if "asks" in ticked and shared.asks:
        lines.append(
            _("Ce qu’elle demande, avec ses mots : %(words)s") % {"words": words.quoted(shared.asks)}
        )
    if "languages" in ticked and shared.languages:
        lines.append(_("Elle parle : %(languages)s.") % {"languages": shared.languages})
    if "phone" in ticked and shared.phone:
        lines.append(_("Son téléphone : %(phone)s.") % {"phone": words.phone(shared.phone)})
        if shared.is_phone_shared:
            lines.append(_("D’autres lisent ce téléphone : ne dites ni qui vous êtes, ni pourquoi."))
    lines.append(
        _("Elle vous montrera ce code : %(code)s.") % {"code": shown_code(code).replace(" ", words.NBSP)}
    )
    lines.append(_("Elle est d’accord pour que vous sachiez ceci."))
    return "\n".join(lines)


def subject(onward: Onward) -> str:
    """The subject of every mail to the place: no name."""
    return _("Bagage : une personne vient chez vous, code %(code)s") % {"code": shown_code(onward.code)}


def mail_to_place(onward: Onward, url: str, site: Site | None, *, line: str = "") -> str:
    """The whole mail: the letter, the link, who to call. ``line`` stands before, for a reminder."""
    parts = [_("Bonjour,")]
    if line:
        parts.append(line)
    parts.append(onward.letter)
    parts.append(
        _("Est-elle venue ? Dites-le ici en un geste, sans compte. Si vous ne pouvez pas, dites-le aussi :")
        + f"\n{url}"
    )
    parts.append(signature(onward, site))
    return "\n\n".join(parts)


def signature(onward: Onward, site: Site | None) -> str:
    """The permanence and its telephone."""
    return onward.node.name + (f"\n{words.phone(site.phone)}" if site is not None and site.phone else "")


def reminder_line(onward: Onward) -> str:
    """What a place that did not answer is asked."""
    return _("Nous vous avons écrit le %(day)s. Nous ne savons pas si elle est venue.") % {
        "day": words.day_short(onward.asked_at)
    }


def taken_back(onward: Onward, site: Site | None) -> str:
    """What a place that was told reads when the orientation is called off."""
    return "\n\n".join(
        [
            _("Bonjour,"),
            _("La personne au code %(code)s ne viendra pas. Il n’y a rien à faire, merci.")
            % {"code": shown_code(onward.code)},
            signature(onward, site),
        ]
    )


# ---------- on the screens ----------
ICONS = {
    "prepared": "file-text",
    "sent": "send",
    "sent_again": "send",
    "reminded": "bell",
    "arrived": "circle-check",
    "not_come": "calendar-x",
    "place_cannot": "circle-x",
    "called_off": "undo-2",
}
MARKS = {
    "prepared": ("wait", "file-text"),
    "sent": ("on", "send"),
    "arrived": ("ok", "circle-check"),
    "not_come": ("wait", "calendar-x"),
    "place_cannot": ("bad", "circle-x"),
    "called_off": ("", "undo-2"),
}


def state_mark(onward: Onward, now: datetime, days: int) -> SafeString:
    """Shape, then word, then colour; apricot for a place that someone must call."""
    css, name = MARKS[onward.state]
    label = str(onward.get_state_display())
    if onward.silence(now, days).todo == "call":
        css, name = "ask", "phone-outgoing"
        label = silence_words(onward, now)
    return format_html('<span class="state {}">{}{}</span>', css, icon(name), label)


def silence_words(onward: Onward, now: datetime) -> str:
    """ "pas de réponse depuis 12 jours"."""
    return _("Pas de réponse %(since)s") % {"since": words.since(onward.asked_at, now)}


def headline(onward: Onward) -> str:
    """The one sentence of its page. The place is "le lieu": nobody knows how to agree with its name."""
    if onward.state == "arrived" and onward.arrived_on:
        return _("Elle est arrivée le %(day)s") % {"day": words.day_short(onward.arrived_on)}
    return {
        "prepared": _("Elle a un papier pour y aller"),
        "sent": _("Le lieu est prévenu"),
        "arrived": _("Elle est arrivée"),
        "not_come": _("Elle n’est pas venue"),
        "place_cannot": _("Le lieu ne peut pas la recevoir"),
        "called_off": _("Cette orientation est reprise"),
    }[onward.state]


def answer_of_place(onward: Onward) -> str:
    """What the place reads of its own answer."""
    return {
        "arrived": _("Vous avez répondu : elle est venue"),
        "not_come": _("Vous avez répondu : elle n’est pas venue"),
        "place_cannot": _("Vous avez répondu : vous ne pouvez pas"),
    }.get(onward.state, "")


def detail(onward: Onward, now: datetime) -> str:
    """The line under it: who says so, or what happens next."""
    if onward.state in {"arrived", "not_come", "place_cannot"}:
        who = (_("Le lieu l’a dit %(when)s.") if onward.answered_by_place else _("Noté ici %(when)s.")) % {
            "when": words.ago(onward.answered_at or onward.state_at, now)
        }
        return f"{who} {words.quoted(onward.answer_words)}" if onward.answer_words else who
    if onward.state == "called_off":
        return onward.answer_words
    asked = words.ago(onward.asked_at, now)
    if onward.is_refused:
        return _(
            "Papier donné %(when)s. Nous n’avons rien écrit au lieu : demandez-lui si elle y est allée."
        ) % {"when": asked}
    if onward.by_way == Onward.Way.PAPER:
        return _("Papier donné %(when)s. Le lieu répond en scannant le papier, ou vous l’appelez.") % {
            "when": asked
        }
    told = (
        _("Prévenu par mail %(when)s.")
        if onward.by_way == Onward.Way.EMAIL
        else _("Prévenu par téléphone %(when)s.")
    ) % {"when": asked}
    if onward.reminded_at:
        told += " " + _("Relancé %(when)s.") % {"when": words.ago(onward.reminded_at, now)}
    return told


def outcome(onward: Onward) -> str:
    """How an earlier one ended, inside a sentence: "elle y est allée le 12 octobre", "sans réponse"."""
    if onward.state == "arrived" and onward.arrived_on:
        return _("elle y est allée le %(day)s") % {"day": words.day_short(onward.arrived_on)}
    if onward.state == "place_cannot":
        return _("le lieu ne pouvait pas : %(words)s") % {"words": words.quoted(onward.answer_words)}
    return {
        "prepared": _("on ne sait pas si elle y est allée"),
        "sent": _("le lieu n’a pas répondu"),
        "not_come": _("elle n’y est pas allée"),
        "called_off": _("reprise"),
    }.get(onward.state, _("on ne sait pas"))


def short_state(onward: Onward) -> str:
    """The state in a list of her places: "arrivée le 12 octobre", "le lieu est prévenu"."""
    if onward.state == "arrived" and onward.arrived_on:
        return _("arrivée le %(day)s") % {"day": words.day_short(onward.arrived_on)}
    label = str(onward.get_state_display())
    return f"{label[:1].lower()}{label[1:]}"


def step_words(step: OnwardStep) -> str:
    """One line of its history."""
    text = str(step.get_kind_display())
    if step.kind == OnwardStep.Kind.ARRIVED and step.on:
        text = _("Arrivée le %(day)s") % {"day": words.day_short(step.on)}
    if step.is_from_place:
        text += ", " + _("dit par le lieu")
    return (
        f"{text} : {words.quoted(step.words)}"
        if step.words and words.is_french()
        else (f"{text}: {words.quoted(step.words)}" if step.words else text)
    )


def delay_words(days: int | None, answers: int) -> str:
    """How long a place takes to answer: "répond en 3 jours en général, 5 réponses"."""
    if days is None:
        return _("On ne sait pas en combien de temps ce lieu répond.")
    count = ngettext("%(count)s réponse", "%(count)s réponses", answers) % {"count": answers}
    if days == 0:
        return _("Répond le jour même en général, %(answers)s.") % {"answers": count}
    typical = ngettext("%(count)s jour", "%(count)s jours", days) % {"count": days}
    return _("Répond en %(days)s en général, %(answers)s.") % {"days": typical, "answers": count}


def usual_words(days: int, answers: int) -> str:
    """The same where places are compared, in few words: "Répond d’habitude en 3 jours (8 orientations)"."""
    count = ngettext("%(count)s orientation", "%(count)s orientations", answers) % {"count": answers}
    count = count.replace(" ", words.NBSP)
    if days == 0:
        return _("Répond d’habitude le jour même (%(answers)s)") % {"answers": count}
    usual = ngettext("%(count)s jour", "%(count)s jours", days) % {"count": days}
    usual = usual.replace(" ", words.NBSP)
    return _("Répond d’habitude en %(days)s (%(answers)s)") % {"days": usual, "answers": count}


# ---------- on her paper: one sentence a line, short, no brackets ----------
@dataclass(frozen=True, slots=True)
class OnwardSlip:
    """The words of her paper, for its page and its PDF, in ``lang``."""

    lang: str
    site: str
    hello: str
    title: str
    big: list[str]
    lines: list[str]
    hours_title: str
    hours: list[str]
    call_title: str
    call: str
    phone: str
    code_title: str
    code_lines: list[str]
    code: str
    place_title: str
    place_lines: list[str]


def language_of(languages: str) -> str:
    """ "fr" or "en", when she is known to speak it."""
    return printed_language(languages)


def slip(onward: Onward, *, site: Site | None, km: float | None, scans: bool) -> OnwardSlip:
    """What she carries: where, for what, when it is open, how to go, whom to call. No mail is needed.

    ``scans``: a square lets the place say that she came; without it the place is told nothing by this paper.
    """
    structure = onward.structure
    town = f"{structure.postcode} {structure.city}".strip()
    lines = [_("Vous y allez pour %(need)s.") % {"need": need_words_to_her(onward.need)}]
    if structure.address_more:
        lines.append(capital(structure.address_more.strip().rstrip(".")) + ".")
    if km is not None:
        lines.append(distance_words(km, onward.node.name))
    if site is not None and site.phone:
        lines.append(
            _("Si le lieu est fermé ou ne peut pas, appelez-nous au %(phone)s.")
            % {"phone": words.phone(site.phone)}
        )
    knows = (
        _("Ce lieu sait que vous venez.")
        if onward.state == "sent"
        else _("Nous n’avons rien dit de vous à ce lieu.")
        if onward.is_refused
        else _("Ce lieu ne sait pas encore que vous venez.")
    )
    return OnwardSlip(
        lang="fr" if words.is_french() else "en",
        site=onward.node.name,
        hello=_("Bonjour %(name)s") % {"name": onward.person.chosen_name},
        title=_("Où aller"),
        big=[part for part in (structure.name, structure.address, town) if part],
        lines=lines,
        hours_title=_("Quand"),
        hours=hour_lines(structure),
        call_title=_("Une question"),
        call=_("Appelez le lieu au"),
        phone=words.phone(structure.phone) if structure.phone else "",
        code_title=_("Votre code"),
        code_lines=[_("Montrez ce papier en arrivant."), knows],
        code=shown_code(onward.code),
        place_title=_("Pour le lieu") if scans else "",
        place_lines=[_("Scannez ce carré."), _("Dites-nous que cette personne est venue.")] if scans else [],
    )


def hour_lines(structure: Structure) -> list[str]:
    """When it is open, one sentence a line; that nobody knows is said."""
    said = hours_in_words(structure.hours)
    if not said:
        return (
            [_("Nous ne savons pas quand c’est ouvert."), _("Appelez avant d’y aller.")]
            if structure.phone
            else [_("Nous ne savons pas quand c’est ouvert.")]
        )
    sentences = [part.strip() for part in said.split(". ") if part.strip()]
    return [f"{capital(one.rstrip('.'))}." for one in sentences]


def distance_words(km: float, from_name: str) -> str:
    """ "C’est à environ 500 mètres de Permanence Riquet", as the crow flies, rounded."""
    if km < 1:
        metres = max(100, round(km * 10) * 100)
        return _("C’est à environ %(count)s mètres de la permanence %(site)s.") % {
            "count": metres,
            "site": from_name.removeprefix("Permanence "),
        }
    return ngettext(
        "C’est à environ %(count)s kilomètre de la permanence %(site)s.",
        "C’est à environ %(count)s kilomètres de la permanence %(site)s.",
        round(km),
    ) % {"count": round(km), "site": from_name.removeprefix("Permanence ")}
