"""What an answer leaves out, and why, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from bagage.common.words import joined
from bagage.connection import words
from bagage.connection.domain.programme import RESOURCES, Line, Offer, Programme
from bagage.connection.queries.shown import LeftOut


class Names:
    """The lines and offers of a programme by their id, and what they are called."""

    def __init__(self, programme: Programme) -> None:
        self.lines: dict[str, Line] = {line.id: line for line in programme.lines}
        self.line_of: dict[str, Line] = {}
        self.offers: dict[str, Offer] = {}
        for line in programme.lines:
            for offer in line.offers:
                self.offers[offer.id] = offer
                self.line_of[offer.id] = line

    def line_title(self, code: str) -> str:
        line = self.lines.get(code)
        if line is None:
            return code
        return f"{line.operator}, {line.name}" if line.name and line.name != line.operator else line.operator

    def offer_name(self, code: str) -> str:
        offer = self.offers.get(code)
        return offer.name or code if offer else code


def closed_offers(answer: Mapping[str, Any], names: Names) -> tuple[LeftOut, ...]:
    """Offers that are closed to her, each with what is missing or the limit that it breaks."""
    rows = []
    for each in answer.get("closed") or []:
        code = str(each["offer"])
        if each.get("missing"):
            why = _("Il faut %(what)s.") % {"what": words.needs_words(each["missing"])}
        elif each.get("limit") == "monthly_cap":
            why = _("Plus cher que le plafond du mois.")
        else:
            why = _("Plus cher que ce qu’on peut payer en une fois.")
        line = names.line_of.get(code)
        rows.append(LeftOut(names.offer_name(code), names.line_title(line.id) if line else "", why))
    return tuple(rows)


def unserved_lines(answer: Mapping[str, Any], names: Names) -> tuple[LeftOut, ...]:
    """Open lines that cannot serve her, each with what runs short."""
    rows = []
    for each in answer.get("unserved") or []:
        resource = each.get("resource")
        if resource in RESOURCES:
            why = _("Ne suffit pas pour %(what)s.") % {"what": words.resource_words(str(resource))}
        elif each.get("limit") == "monthly_cap":
            why = _("Le plafond du mois ne suffit pas pour cet usage.")
        elif each.get("limit") == "max_payment":
            why = _("Il faudrait payer plus en une fois.")
        else:
            why = _("Ne suffit pas pour cet usage.")
        rows.append(LeftOut("", names.line_title(str(each["line"])), why))
    return tuple(rows)


def offers_to_check(answer: Mapping[str, Any], names: Names) -> tuple[LeftOut, ...]:
    """Offers whose source leaves something out: never ranked."""
    words_of = {
        "price": _("le prix"),
        "validity_days": _("la durée"),
        "allowances": _("ce qu’elle donne"),
        "credit": _("le crédit"),
        "overage": _("le prix au-delà"),
        "commitment_months": _("l’engagement"),
        "requires": _("ce qu’il faut pour l’avoir"),
        "verified_on": _("la date"),
    }
    rows = []
    for each in answer.get("to_check") or []:
        code = str(each["offer"])
        what = joined([words_of.get(str(one), str(one)) for one in each.get("unknown") or []])
        line = names.line_of.get(code)
        rows.append(
            LeftOut(
                names.offer_name(code),
                names.line_title(line.id) if line else "",
                _("À vérifier : %(what)s.") % {"what": what},
            )
        )
    return tuple(rows)
