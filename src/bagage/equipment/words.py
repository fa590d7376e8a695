"""Devices in the words that a screen shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bagage.common import words as common
from bagage.equipment.domain import grading, lifecycle
from bagage.equipment.models import (
    Device,
    DeviceEvent,
    Handover,
    Kind,
    Look,
    Reservation,
    State,
    StorageKind,
    System,
    Technical,
)
from bagage.people.models import Person

KIND_ICONS = {
    Kind.SMARTPHONE: "smartphone",
    Kind.LAPTOP: "laptop",
    Kind.TABLET: "tablet",
    Kind.DESKTOP: "monitor",
}
STATE_ICONS = {
    State.TO_PROCESS: "inbox",
    State.IN_WORKSHOP: "wrench",
    State.NOT_REUSABLE: "trash-2",
    State.READY_TO_ORDER: "archive",
    State.IN_DELIVERY: "bus",
    State.READY: "package",
    State.HANDED_OVER: "user-check",
    State.AFTER_SALES: "life-buoy",
    State.LOST: "search-x",
}
EVENT_ICONS = {
    "received": "package-plus",
    "changed": "pencil",
    "graded": "badge-check",
    "state": "arrow-right",
    "reserved": "bookmark",
    "released": "undo-2",
    "lapsed": "clock",
    "paid": "coins",
    "unpaid": "undo-2",
    "handed_over": "user-check",
    "undone": "undo-2",
    "returned": "reply",
    "broken": "hammer",
    "repair": "life-buoy",
    "repaired": "wrench",
    "lost": "search-x",
    "stolen": "search-x",
}
# What is checked with her at the handover, in this order.
CHECKS = {
    "powers_on": gettext_lazy("S’allume"),
    "charger": gettext_lazy("Chargeur"),
    "sim": gettext_lazy("Sa carte SIM"),
    "case": gettext_lazy("Coque"),
    "mouse": gettext_lazy("Souris"),
    "bag": gettext_lazy("Sacoche"),
}
CHECKS_OF = {
    Kind.SMARTPHONE: ("powers_on", "charger", "sim", "case"),
    Kind.TABLET: ("powers_on", "charger", "case"),
    Kind.LAPTOP: ("powers_on", "charger", "mouse", "bag"),
    Kind.DESKTOP: ("powers_on", "charger", "mouse"),
}


def euros(cents: int) -> str:
    """``"30,00 €"``."""
    return common.money(Decimal(cents) / 100)


def price(cents: int) -> str:
    """``"30,00 €"``; nothing to pay reads "donné"."""
    return euros(cents) if cents else _("donné")


def round_euros(cents: int) -> str:
    """For a sentence or a label: "30 €" when there are no cents."""
    text = euros(cents)
    return text.replace(",00", "").replace(".00", "") if cents % 100 == 0 else text


def spoken_euros(cents: int) -> str:
    """For what is read aloud: "30 euros", "30,50 euros"; in French and English alike."""
    return round_euros(cents).replace("€", "").strip().strip("\u00a0") + " euros"


# ---------- refusals that are said in several places ----------
def to_pay(reservation: Reservation) -> str:
    """What the counter must take first."""
    return _("%(price)s à encaisser au comptoir avant de le remettre.") % {"price": euros(reservation.price)}


def lapsed(reservation: Reservation) -> str:
    """A reservation whose day is over."""
    return _(
        "La réservation de %(number)s valait jusqu’au %(day)s : elle est tombée. Réservez-le de nouveau s’il est libre."
    ) % {"number": reservation.device.number, "day": common.day(reservation.until)}


def not_held(reservation: Reservation) -> str:
    """Why a reservation keeps nothing any more, and what can be done."""
    number = reservation.device.number
    ended = common.day(reservation.ended_at) if reservation.ended_at else ""
    if reservation.state == lifecycle.USED:
        return _("%(number)s a déjà été remis, %(day)s. Rien d’autre n’a été écrit.") % {
            "number": number,
            "day": ended,
        }
    if reservation.state == lifecycle.LAPSED:
        return lapsed(reservation)
    return _("La réservation de %(number)s a été libérée %(day)s. Réservez-le de nouveau s’il est libre.") % {
        "number": number,
        "day": ended,
    }


# ---------- measures and grade ----------
def memory(value: Decimal | float | int | None) -> str:
    """``"8 Go"``, ``"15,3 Go"``; ``""`` when nobody has measured it."""
    if value is None:
        return ""
    text = f"{float(value):g}"
    if common.is_french():
        text = text.replace(".", ",")
    return _("%(count)s Go") % {"count": text}


def storage(size: int | None, kind: str) -> str:
    """``"SSD 256 Go"``."""
    if size is None:
        return ""
    text = _("%(count)s Go") % {"count": size}
    return text if kind in {"", StorageKind.FLASH} else f"{StorageKind(kind).label} {text}"


def measures(device: Device) -> str:
    """What is said of it in one line: "4 Go, 64 Go, batterie 88 %, coin rayé"."""
    parts = [memory(device.memory), storage(device.storage, device.storage_kind)]
    if device.battery is not None:
        parts.append(battery(device.battery))
    parts += [device.technical_note, device.look_note]
    return ", ".join(part for part in parts if part)


def measures_short(device: Device) -> str:
    """For a card of the board: memory and disk, or what is wrong with it."""
    said = device.technical_note or device.look_note
    parts = [memory(device.memory), said or storage(device.storage, device.storage_kind)]
    return ", ".join(part for part in parts if part)


def battery(per_cent: int) -> str:
    """``"batterie 88 %"``."""
    return _("batterie %(count)s %%") % {"count": per_cent}


MEASURE_NAMES = {
    grading.MEMORY: gettext_lazy("Mémoire"),
    grading.STORAGE: gettext_lazy("Disque"),
    grading.PROCESSOR: gettext_lazy("Processeur"),
    grading.TECHNICAL: gettext_lazy("État technique"),
    grading.LOOK: gettext_lazy("Aspect"),
    grading.SYSTEM: gettext_lazy("Système"),
    grading.FAST_DISK: gettext_lazy("Disque NVMe"),
    grading.WEIGHT: gettext_lazy("État technique"),
    grading.CEILING: gettext_lazy("Plafond"),
}
CEILINGS = {
    "hdd": gettext_lazy("disque dur"),
    "hdd_slow": gettext_lazy("disque dur et processeur lent"),
    "ssd_slow": gettext_lazy("processeur lent"),
    grading.WINDOWS_10: gettext_lazy("Windows 10"),
}


@dataclass(frozen=True, slots=True)
class GradeLine:
    """One line of why a device has its grade: what was measured, its value, its points with their sign."""

    name: str
    value: str
    points: str


def grade_lines(device: Device) -> list[GradeLine]:
    """The explanation that was kept with the grade, in words."""
    return [_grade_line(device, line) for line in device.grade_lines]


def _grade_line(device: Device, line: dict[str, object]) -> GradeLine:
    code, value, detail = str(line["name"]), str(line["value"]), str(line["detail"])
    points = int(str(line["points"]))
    name = str(MEASURE_NAMES.get(code, code))
    if code == grading.PROCESSOR and device.kind not in grading.COMPUTERS:
        name = _("Vitesse")
    if code == grading.STORAGE and device.kind not in grading.COMPUTERS:
        name = _("Stockage")
    if code == grading.MEMORY:
        said = memory(Decimal(value))
    elif code == grading.STORAGE:
        said = storage(int(value), detail)
    elif code == grading.PROCESSOR:
        said = _("%(count)s à l’indice") % {"count": grouped(int(value))}
    elif code in {grading.TECHNICAL, grading.WEIGHT}:
        said = str(Technical(value).label)
    elif code == grading.LOOK:
        said = str(Look(value).label)
    elif code == grading.CEILING:
        said = str(CEILINGS.get(detail, detail))
    else:
        said = ""
    if code == grading.CEILING:
        return GradeLine(name, said, _("au plus %(count)s") % {"count": points})
    if code == grading.WEIGHT:
        return GradeLine(name, said, f"{signed(points)} %" if points else "0")
    return GradeLine(name, said, signed(points))


def signed(points: int) -> str:
    """``"+3"``, ``"0"``, ``"−1"``."""
    return f"+{points}" if points > 0 else "0" if points == 0 else f"−{-points}"


def grouped(count: int) -> str:
    """``"4 120"``."""
    return str(number_format(count, use_l10n=True, force_grouping=True))


def missing_words(device: Device) -> str:
    """What is to be measured before there is a grade: "la mémoire, le système"."""
    names = [str(MEASURE_NAMES[code]).lower() for code in grading.missing_measures(device.measures)]
    return common.joined(names)


def grade_span(device: Device) -> str:
    """``"Un A va de 8 à 10."``, in points."""
    first, last = grading.span_of(device.grade, device.kind)
    if last is None:
        return _("Un %(grade)s commence à %(first)s points.") % {"grade": device.grade, "first": first}
    return _("Un %(grade)s va de %(first)s à %(last)s.") % {
        "grade": device.grade,
        "first": first,
        "last": last,
    }


def points_words(points: int) -> str:
    """``"9 points"``."""
    return ngettext("%(count)s point", "%(count)s points", points) % {"count": points}


def better_words(device: Device) -> str:
    """``"Avec 16 Go, il serait Premium."``; ``""`` when more memory would change nothing."""
    better = grading.better_memory(device.measures)
    if better is None:
        return ""
    size, grade = better
    return _("Avec %(size)s, il serait %(grade)s.") % {"size": memory(size), "grade": grade}


# ---------- states and events ----------
@dataclass(frozen=True, slots=True)
class StateWords:
    """A state: shape, then word, then colour (``ok``, ``ask``, ``bad`` or nothing)."""

    text: str
    icon: str
    css: str = ""


def reservation_words(reservation: Reservation, today: date, *, short: bool = False) -> StateWords:
    """Until when it is kept; ``short`` leaves the day of the week out."""
    if reservation.until < today and reservation.paid_at is None:
        return StateWords(
            _("Réservation tombée le %(day)s") % {"day": common.day_short(reservation.until)}, "clock", "ask"
        )
    if reservation.until <= today and reservation.paid_at is None:
        return StateWords(_("Réservé jusqu’à ce soir"), "clock", "ask")
    said = common.day_short(reservation.until) if short else common.day(reservation.until)
    return StateWords(_("Réservé jusqu’au %(day)s") % {"day": said}, "bookmark")


def _with(person: Person) -> str:
    """Who has it now; by the name when it is not known how to speak of her or him."""
    if person.grammar == Person.Grammar.SHE:
        return _("Chez elle")
    if person.grammar == Person.Grammar.HE:
        return _("Chez lui")
    return _("Chez %(name)s") % {"name": person.chosen_name}


def handover_words(handover: Handover) -> StateWords:
    """Where a device that was handed over is: hers, here to be repaired, back."""
    if handover.is_open:
        if handover.device.state == State.AFTER_SALES:
            return StateWords(_("Ici, en réparation"), "life-buoy", "ask")
        return StateWords(_with(handover.person), "circle-check", "ok")
    day_back = common.day_short(handover.returned_at, year=True) if handover.returned_at else ""
    said = {
        Handover.Reason.RETURNED: _("Rendu le %(day)s"),
        Handover.Reason.BROKEN: _("Rendu cassé le %(day)s"),
        Handover.Reason.LOST: _("Perdu, noté le %(day)s"),
        Handover.Reason.STOLEN: _("Volé, noté le %(day)s"),
    }
    if handover.return_reason in said:
        icon = "circle-x" if handover.return_reason in {"lost", "stolen"} else "reply"
        return StateWords(said[Handover.Reason(handover.return_reason)] % {"day": day_back}, icon)
    return StateWords(_("Remise défaite"), "undo-2")


def warranty_words(until: date | None, today: date) -> str:
    """``"garanti jusqu’au 24 mai 2027"``, ``"plus garanti depuis le 24 mai 2027"``, ``"sans garantie"``."""
    if until is None:
        return _("sans garantie")
    said = common.day_short(until, year=True)
    if today > until:
        return _("plus garanti depuis le %(day)s") % {"day": said}
    return _("garanti jusqu’au %(day)s") % {"day": said}


def warranty_short(until: date | None, today: date) -> str:
    """The same for a card: "garanti jusqu’en mai 2027"."""
    if until is None or today > until:
        return warranty_words(until, today)
    return _("garanti jusqu’en %(month)s") % {"month": date_format(until, "F Y")}


def event_words(event: DeviceEvent) -> str:
    """What happened, as one sentence without who."""
    if event.kind == DeviceEvent.Kind.STATE:
        return _("%(old)s, puis %(new)s") % {
            "old": State(event.old_state).label,
            "new": str(State(event.new_state).label).lower(),
        }
    if event.kind == DeviceEvent.Kind.GRADED:
        return _("Grade %(grade)s") % {"grade": event.note} if event.note else _("Grade à mesurer de nouveau")
    if event.kind in {DeviceEvent.Kind.PAID, DeviceEvent.Kind.UNPAID}:
        return f"{event.get_kind_display()}, " + _("reçu %(receipt)s") % {"receipt": event.note}
    return str(event.get_kind_display())


def event_note(event: DeviceEvent) -> str:
    """The word that was written with it, where the sentence does not say it already."""
    said = {DeviceEvent.Kind.GRADED, DeviceEvent.Kind.PAID, DeviceEvent.Kind.UNPAID}
    return "" if event.kind in said else event.note


def check_words(codes: Sequence[str]) -> str:
    """What was checked with her: "S’allume, Chargeur"."""
    return ", ".join(str(CHECKS[code]) for code in codes if code in CHECKS)


def imei(value: str) -> str:
    """``"35 693803 564380 9"``; another length stays as it is."""
    if len(value) == 15 and value.isdigit():
        return f"{value[:2]} {value[2:8]} {value[8:14]} {value[14]}"
    return value


def system(value: str) -> str:
    """``"Windows 11"``; ``""`` when nobody has looked."""
    return str(System(value).label) if value else ""


def the_kind(kind: str) -> str:
    """With its article, after "remettre": "un téléphone"."""
    return {
        Kind.SMARTPHONE: _("un téléphone"),
        Kind.LAPTOP: _("un ordinateur portable"),
        Kind.TABLET: _("une tablette"),
        Kind.DESKTOP: _("un ordinateur fixe"),
    }[Kind(kind)]


def the_model(name: str) -> str:
    """With its article in French, after "remettre": "le Galaxy A14", "l’Optiplex 3050"; English has the name alone."""
    if not common.is_french():
        return name
    return f"l’{name}" if name[:1].lower() in "aeiouyàâéèêëîïôöùûü" and name else f"le {name}"
