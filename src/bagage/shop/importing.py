"""Rights and vouchers from the lists of an association: each opens a window of access for someone who has a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import Organisation, User
from bagage.common.errors import BusinessError
from bagage.imports.domain.lifecycle import RowState
from bagage.imports.domain.values import Wrong, is_unknown, read_past_day
from bagage.imports.kinds import (
    Fault,
    Field,
    Ground,
    Kind,
    Outcome,
    Reading,
    Todo,
    Verdict,
    iterate,
    register,
)
from bagage.imports.models import Row
from bagage.people.domain.fields import Field as Fact
from bagage.people.models import PersonReference
from bagage.people.permissions import listed_fields
from bagage.people.queries import identity_ids
from bagage.people.queries.references import persons_named
from bagage.shop import services
from bagage.shop.models import AccessRight, Sale
from bagage.trail.domain.actor import Actor


@dataclass(frozen=True, slots=True)
class Voucher:
    """A right as a row tells it: of whom, from which day, by which voucher (``""``: a decision)."""

    reference: str
    number: str = ""
    begins_on: date | None = None


class Rights(Kind):
    """Windows of access at the solidarity counter."""

    name = "rights"
    label = _("Droits et bons")
    says = _("L’identifiant du dossier ou le code de la carte, le numéro du bon, son jour.")
    icon = "hourglass"
    ability = Ability.GRANT_RIGHTS
    fields = (
        Field(
            "reference",
            _("Identifiant du dossier"),
            ("identifiant", "identifiant du dossier", "id", "numero de dossier", "n dossier", "dossier", "reference",
             "code", "carte", "code de la carte", "matricule", "personne"),
        ),
        Field(
            "number",
            _("Numéro du bon"),
            ("numero du bon", "bon", "n bon", "no bon", "numero de bon", "coupon", "voucher", "prescription", "numero"),
        ),
        Field(
            "begins_on",
            _("Jour du bon"),
            ("jour du bon", "date du bon", "date", "debut", "date de debut", "ouvert le", "valable du"),
            "day", "day",
        ),
    )  # fmt: skip

    def count(self, number: int) -> str:
        return ngettext("%(count)s droit", "%(count)s droits", number) % {"count": number}

    def who(self, cells: Mapping[str, str]) -> str:
        return " ".join(part for part in (cells.get("reference", ""), cells.get("number", "")) if part)[:80]

    def fault_words(self, fault: Mapping[str, Any]) -> str:
        return {
            "no_reference": gettext(
                "Il manque de qui il s’agit : l’identifiant du dossier, ou le code de la carte."
            ),
            "not_found": gettext("Aucun dossier de vos permanences n’a cet identifiant ni cette carte."),
            "sold": gettext("Des achats ont été faits avec ces droits : ils restent."),
        }.get(str(fault["code"]), "")

    def read(self, number: int, cells: Mapping[str, str], ground: Ground) -> Reading:
        reading = Reading(number, dict(cells))
        reference = cells.get("reference", "").removesuffix(".0")[:80]
        if is_unknown(reference):
            reading.faults.append(Fault("reference", "no_reference"))
        voucher = cells.get("number", "").removesuffix(".0")
        if len(voucher) > 40:
            reading.faults.append(Fault("number", "too_long", voucher, facts={"most": 40}))
        day, value = None, cells.get("begins_on", "")
        try:
            day = read_past_day(value, ground.today, order=ground.order("begins_on"))
        except Wrong as wrong:
            reading.faults.append(Fault.of("begins_on", wrong, value))
        reading.values = Voucher(reference, "" if is_unknown(voucher) else voucher, day)
        return reading

    def known(
        self, readings: Sequence[Reading], ground: Ground, earlier: Sequence[Reading] = ()
    ) -> list[Verdict]:
        persons = persons_named(
            [reading.values.reference for reading in readings], ground.source, ground.batch.read_by
        )
        numbers = [
            "voucher:" + _tight(reading.values.number) for reading in readings if reading.values.number
        ]
        opened: dict[str, AccessRight] = {}
        for piece in iterate(numbers, 500):
            rights = AccessRight.objects.filter(source__in=piece, is_mistake=False).select_related("person")
            opened |= {right.source: right for right in rights}
        seen = {_tight(one.values.number): one.number for one in earlier if one.values.number}
        verdicts = []
        for reading in readings:
            verdict, one = Verdict(), reading.values
            right = opened.get("voucher:" + _tight(one.number)) if one.number else None
            person = persons.get(one.reference)
            if person is None:
                verdict.faults.append(Fault("reference", "not_found", one.reference))
            elif right is not None and right.person_id in identity_ids(person):
                verdict.there = f"right:{right.uuid}"
            if one.number and _tight(one.number) in seen:
                facts = {"row": seen[_tight(one.number)]}
                verdict.faults.append(Fault("number", "twice_in_file", one.number, facts=facts))
            seen.setdefault(_tight(one.number), reading.number)
            verdicts.append(verdict)
        return verdicts

    def write(self, todo: Sequence[Todo], ground: Ground, *, by: User | Actor, at: datetime) -> list[Outcome]:
        persons = persons_named(
            [each.reading.values.reference for each in todo], ground.source, ground.batch.read_by
        )
        outcomes = []
        for each in todo:
            one: Voucher = each.reading.values
            person = persons.get(one.reference)
            if person is None:
                fault = Fault("reference", "not_found", one.reference)
                outcomes.append(Outcome(RowState.SET_ASIDE, errors=[fault]))
                continue
            key = f"import:{ground.batch.uuid.hex}:{each.number}"
            try:
                with transaction.atomic():
                    right = services.open_right(
                        person,
                        node=ground.node,
                        source=f"voucher:{one.number}" if one.number else "decision",
                        begins_on=one.begins_on,
                        key=key,
                        by=by,
                        at=at,
                    )
            except BusinessError as error:
                fault = Fault(_FIELD.get(error.field, ""), "refused", facts={"words": str(error)})
                outcomes.append(Outcome(RowState.SET_ASIDE, errors=[fault]))
                continue
            # One that lives already was given back as it is: nothing was written.
            state = RowState.WRITTEN if right.key == key else RowState.SKIPPED
            outcomes.append(Outcome(state, f"right:{right.uuid}"))
        return outcomes

    def undo(self, rows: Sequence[Row], ground: Ground, *, by: User | Actor, at: datetime) -> list[Outcome]:
        outcomes = []
        for row in rows:
            right = self._right(row.thing)
            if right is None or right.ended_on is not None:
                outcomes.append(Outcome(RowState.UNDONE))
                continue
            if self._has_served(right):
                outcomes.append(Outcome(RowState.KEPT, errors=[Fault("", "sold")]))
                continue
            try:
                with transaction.atomic():
                    services.end_right(right, reason="Import défait", is_mistake=True, by=by, at=at)
                outcomes.append(Outcome(RowState.UNDONE))
            except BusinessError as error:
                fault = Fault("", "refused", facts={"words": str(error)})
                outcomes.append(Outcome(RowState.KEPT, errors=[fault]))
        return outcomes

    def foreseen_kept(self, things: Sequence[str], ground: Ground) -> dict[str, str]:
        found = ((thing, self._right(thing)) for thing in things)
        return {thing: "sold" for thing, right in found if right is not None and self._has_served(right)}

    def _right(self, thing: str) -> AccessRight | None:
        return AccessRight.objects.filter(uuid=UUID(thing.partition(":")[2])).select_related("person").first()

    def _has_served(self, right: AccessRight) -> bool:
        files = identity_ids(right.person)
        return Sale.objects.of_persons(files).filter(on__gte=right.begins_on).exists()

    def rows_out(self, nodes: Sequence[Organisation], at: datetime, *, by: User) -> Iterator[Sequence[Any]]:
        sees = listed_fields(by, [node.pk for node in nodes])
        yield [*(str(each.label) for each in self.fields), gettext("Dernier jour")]
        rights = AccessRight.objects.filter(node__in=[node.pk for node in nodes], is_mistake=False)
        rights = rights.select_related("person").order_by("begins_on", "pk")
        for piece in iterate(rights.iterator(chunk_size=500), 500):
            references = dict(
                PersonReference.objects.filter(person__in=[right.person_id for right in piece])
                .order_by("added_at", "pk")
                .values_list("person_id", "reference")
            )
            for right in piece:
                number = right.source.removeprefix("voucher:") if right.source.startswith("voucher:") else ""
                who = references.get(right.person_id, "") if Fact.NAMES in sees else ""
                who = who or (right.person.code if Fact.CARD in sees else "")
                yield [who, number, right.begins_on, right.ended_on or right.ends_on]


_FIELD = {"number": "number", "begins_on": "begins_on"}


def _tight(number: str) -> str:
    """A voucher's number as it is kept."""
    return "".join(number.upper().split())[:40]


register(Rights())
