"""What is printed: the label of a device, the terms to sign, what she takes home."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from bagage.common.pdf import icon_file, render_pdf, sign_file
from bagage.common.qr import qr_file
from bagage.common.words import day, day_short, printed_for
from bagage.equipment import words
from bagage.equipment.domain import terms
from bagage.equipment.domain.lifecycle import months_after
from bagage.equipment.domain.signature import HEIGHT, WIDTH
from bagage.equipment.domain.terms import Term
from bagage.equipment.models import Device, Handover, Reservation

# Labels of one file: a roll is printed in one go.
MOST_LABELS = 200


def device_url(device: Device) -> str:
    """What the code on a label opens: the page of the device, nothing of a person."""
    return f"{settings.PUBLIC_URL}{reverse('equipment:device', args=[device.uuid])}"


def label_words(device: Device) -> tuple[str, str, str]:
    """The three lines under the number: model, grade and price, site."""
    grade = _("Grade %(grade)s") % {"grade": device.grade} if device.grade else _("Grade à mesurer")
    price = words.round_euros(device.price) if device.price else words.price(0)
    return device.name, f"{grade}, {price}", str(device.site)


def labels_paper(devices: Sequence[Device]) -> bytes:
    """Labels of 62 by 29 mm, one a page, for a roll."""
    rows = []
    files: dict[str, bytes] = {}
    for number, device in enumerate(devices[:MOST_LABELS]):
        name, about, site = label_words(device)
        files[f"qr{number}.svg"] = qr_file(device_url(device))
        rows.append(
            {"qr": f"qr{number}.svg", "number": device.number, "name": name, "about": about, "site": site}
        )
    return render_pdf("equipment/label.typ", {"title": _("Étiquettes"), "labels": rows}, files=files)


def terms_of(
    device: Device, *, price: int, months: int, until: date | None, version: str, language: str
) -> tuple[Term, ...]:
    """The terms in her language, for what it costs her and for how long it is warranted."""
    with printed_for(language):
        return terms.terms_for(
            device.kind,
            version=version,
            language=language,
            price=words.spoken_euros(price) if price else "",
            months=months,
            until=day_short(until, year=True) if until else "",
        )


def terms_before(reservation: Reservation, *, months: int, language: str, today: date) -> tuple[Term, ...]:
    """What she would accept today."""
    return terms_of(
        reservation.device,
        price=reservation.price,
        months=months,
        until=months_after(today, months) if months else None,
        version=terms.VERSION,
        language=language,
    )


def terms_accepted(handover: Handover) -> tuple[Term, ...]:
    """What she accepted, as it read on that day."""
    return terms_of(
        handover.device,
        price=handover.price,
        months=handover.warranty_months,
        until=handover.warranty_until,
        version=handover.terms_version,
        language=handover.language,
    )


def terms_paper(reservation: Reservation, *, months: int, language: str, today: date) -> bytes:
    """A page A5 to sign, before the handover; it says what the screen says."""
    said = terms_before(reservation, months=months, language=language, today=today)
    with printed_for(language):
        return _paper(
            device=reservation.device,
            site=str(reservation.site),
            name=reservation.person.full_name,
            said=said,
            language=language,
            sign={
                "title": _("Je dis oui"),
                "lines": [_("Le %(day)s") % {"day": day(today, year=True)}, _("Une croix suffit.")],
                "drawn": "",
                "room": True,
            },
        )


def handover_paper(handover: Handover) -> bytes:
    """What she takes home: what she got, until when it is warranted, the terms, and how she said yes."""
    device = handover.device
    with printed_for(handover.language):
        on = day(handover.handed_over_at, year=True)
        facts = [
            (_("Appareil"), f"{device.name}, {device.number}"),
            *([(_("Numéro IMEI"), words.imei(device.imei))] if device.imei else []),
            *([(_("Numéro de série"), device.serial)] if device.serial else []),
            (_("Remis le"), on),
            (
                _("Prix"),
                _("%(price)s, payé, reçu %(receipt)s")
                % {"price": words.euros(handover.price), "receipt": handover.receipt}
                if handover.price
                else words.price(0),
            ),
            (
                _("Garantie"),
                _("jusqu’au %(day)s") % {"day": day_short(handover.warranty_until, year=True)}
                if handover.warranty_until
                else words.warranty_words(None, timezone.localdate()),
            ),
        ]
        if handover.checks:
            facts.append((_("Vérifié avec vous"), words.check_words(handover.checks)))
        how = {
            Handover.Consent.SCREEN: _("Vous avez signé à l’écran."),
            Handover.Consent.PAPER: _("Vous avez signé sur papier."),
            Handover.Consent.WITNESS: _("%(reader)s a lu. Vous avez dit oui. %(witness)s l’a entendu.")
            % {"reader": handover.reader, "witness": handover.witness},
        }[Handover.Consent(handover.consent)]
        return _paper(
            device=device,
            site=str(handover.site),
            name=handover.person.full_name,
            said=terms_accepted(handover),
            language=handover.language,
            facts=facts,
            sign={
                "title": _("Vous avez dit oui"),
                "lines": [how],
                "drawn": handover.signature,
                "room": False,
            },
        )


def signature_file(path: str) -> bytes:
    """What she drew, as a file."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">'
        f'<path d="{path}" fill="none" stroke="#111" stroke-width="3" stroke-linecap="round" '
        f'stroke-linejoin="round"/></svg>'
    ).encode()


def _paper(
    *,
    device: Device,
    site: str,
    name: str,
    said: Sequence[Term],
    language: str,
    sign: Mapping[str, Any],
    facts: Sequence[tuple[str, str]] = (),
) -> bytes:
    icons = {f"{term.icon}.svg": icon_file(term.icon) for term in said}
    drawn = {"drawn.svg": signature_file(str(sign["drawn"]))} if sign["drawn"] else {}
    return render_pdf(
        "equipment/handover.typ",
        {
            "lang": language,
            "title": _("Votre appareil") if facts else _("Ce que vous acceptez"),
            "terms_title": _("Ce que vous acceptez"),
            "place": site,
            "name": name,
            "device": f"{device.name}, {device.number}",
            "facts": [list(fact) for fact in facts],
            "terms": [
                {"icon": f"{term.icon}.svg", "strong": term.strong, "text": term.text} for term in said
            ],
            "sign": {**sign, "drawn": bool(sign["drawn"])},
            "end": _("Ce papier est écrit selon des règles de langage clair."),
        },
        files={**icons, **drawn, "sac.svg": sign_file("full", "full", "full", size="s")},
    )
