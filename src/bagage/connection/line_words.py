"""Where a line stands and what happened to it, in the words that a screen shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bagage.common.words import before_colon, day, day_short
from bagage.connection.domain import lifecycle
from bagage.connection.models import HeldLine, LineEvent
from bagage.connection.words import euros

ICONS = {
    lifecycle.ACTIVATED: "card-sim",
    lifecycle.TOPPED_UP: "coins",
    lifecycle.LAPSED: "clock",
    lifecycle.LOST: "x",
    lifecycle.PORTED: "send",
    lifecycle.LEFT_FOR_PLAN: "circle-check",
    lifecycle.CLOSED: "undo-2",
    lifecycle.CORRECTED: "undo-2",
}


@dataclass(frozen=True, slots=True)
class StateWords:
    """A state: shape, then word, then colour (``ok``, ``ask``, ``bad`` or nothing)."""

    text: str
    icon: str
    css: str = ""


def state_words(held: HeldLine, *, today: date, warn_days: int) -> StateWords:
    """Until when it lives, or how it ended; a last day that is near asks attention."""
    since = day_short(held.since, year=held.since.year != today.year) if held.since else ""
    if held.state == lifecycle.ACTIVE:
        return _living(held, today, warn_days)
    if held.state == lifecycle.LAPSED:
        return StateWords(_("Arrêtée depuis le %(day)s") % {"day": since}, "circle-x", "bad")
    if held.state == lifecycle.LOST:
        return StateWords(_("Perdue le %(day)s") % {"day": since}, "circle-x", "bad")
    if held.state == lifecycle.LEFT_FOR_PLAN:
        return StateWords(_("Quittée pour un forfait le %(day)s") % {"day": since}, "circle-check", "ok")
    if held.state == lifecycle.PORTED:
        return StateWords(_("Numéro porté ailleurs le %(day)s") % {"day": since}, "send")
    if held.state == lifecycle.CLOSED:
        return StateWords(_("Rendue le %(day)s") % {"day": since}, "undo-2")
    return StateWords(str(held.get_state_display()), "undo-2")


def _living(held: HeldLine, today: date, warn_days: int) -> StateWords:
    if held.has_no_end:
        return StateWords(_("Active, forfait sans date de fin"), "circle-check", "ok")
    if held.live_until is None:
        return StateWords(_("Active, on ne sait pas jusqu’à quand"), "circle-help")
    left = lifecycle.days_left(held.live_until, today) or 0
    if left < 0:
        stopped = lifecycle.lapses_on(held.live_until)
        return StateWords(_("Arrêtée depuis le %(day)s") % {"day": day_short(stopped)}, "circle-x", "bad")
    if left == 0:
        return StateWords(_("S’arrête ce soir"), "clock", "ask")
    if left <= warn_days:
        return StateWords(_("S’arrête %(day)s au soir") % {"day": day(held.live_until)}, "clock", "ask")
    far = held.live_until.year != today.year
    return StateWords(
        _("Active jusqu’au %(day)s") % {"day": day_short(held.live_until, year=far)}, "circle-check", "ok"
    )


def soon_words(last: date, today: date) -> str:
    """When it stops, beside a name: "ce soir", "demain", "samedi 28 novembre"."""
    left = lifecycle.days_left(last, today) or 0
    return {0: _("ce soir"), 1: _("demain")}.get(left, day(last))


def days_words(held: HeldLine, today: date) -> str:
    """How long it lives still: "Encore 12 jours."; "" when no last day is known or it is over."""
    left = lifecycle.days_left(held.live_until, today)
    if held.state != lifecycle.ACTIVE or left is None or left < 0:
        return ""
    if left == 0:
        return _("C’est son dernier jour.")
    return ngettext("Encore %(count)s jour.", "Encore %(count)s jours.", left) % {"count": left}


def bought_words(event: LineEvent, today: date) -> str:
    """The last purchase of a line: "Rechargée le 29 octobre, Recharge 5 €, 5,00 €."."""
    when = day_short(event.on, year=event.on.year != today.year)
    start = (
        _("Ouverte le %(day)s") if event.kind == LineEvent.Kind.ACTIVATED else _("Rechargée le %(day)s")
    ) % {"day": when}
    parts = [start, event.bought, euros(event.price) if event.price is not None else ""]
    return ", ".join(part for part in parts if part) + "."


def event_words(event: LineEvent, taken_back: LineEvent | None = None) -> str:
    """What happened, in one or two sentences; ``taken_back`` is what a counter-entry takes back."""
    if event.kind == LineEvent.Kind.CORRECTED:
        what = str(taken_back.get_kind_display()) if taken_back else ""
        return f"{before_colon(_('Défait'))} {what[:1].lower()}{what[1:]}."
    if event.kind == LineEvent.Kind.LEFT_FOR_PLAN:
        said = _("Quittée pour un forfait chez %(to)s") % {"to": event.what}
        if event.price is not None:
            said += ", " + _("%(money)s par mois") % {"money": euros(event.price)}
    elif event.kind == LineEvent.Kind.PORTED:
        said = _("Numéro porté chez %(to)s") % {"to": event.what}
    else:
        price = euros(event.price) if event.price is not None else ""
        said = ", ".join(part for part in (str(event.get_kind_display()), event.bought, price) if part)
    sentences = [f"{said}."]
    if event.has_no_end:
        sentences.append(_("Sans date de fin."))
    elif event.live_until is not None:
        sentences.append(_("Jusqu’au %(day)s.") % {"day": day(event.live_until)})
    if event.was_told:
        sentences.append(_("La date a été dite."))
    if event.kind == LineEvent.Kind.LEFT_FOR_PLAN and event.kept_number is not None:
        sentences.append(_("Le numéro est resté le même.") if event.kept_number else _("Le numéro a changé."))
    return " ".join(sentences)
