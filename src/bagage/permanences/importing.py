"""Past help from the lists of an association: counted day by day; of someone who has a file, a passage in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import Organisation, User, name_of
from bagage.imports.domain.lifecycle import RowState
from bagage.imports.domain.tables import folded
from bagage.imports.domain.values import Wrong, is_unknown, read_number, read_past_day
from bagage.imports.kinds import Fault, Field, Ground, Kind, Outcome, Reading, Todo, Verdict, register
from bagage.imports.models import Batch, Row
from bagage.people.queries.references import persons_named
from bagage.people.services.bulk import note_brought_in
from bagage.permanences.models import NamelessHelp, QueueEntry, Site
from bagage.trail.domain.actor import Actor

MOST = 500
USUAL_MINUTES = 10
_TOPICS = {
    NamelessHelp.Topic.PRINT: "imprimer ou scanner; impression; imprimer; scanner; scan; photocopie; print",
    NamelessHelp.Topic.TOP_UP: "ligne ou recharge; recharge; ligne; forfait; carte sim; sim; connexion; top up",
    NamelessHelp.Topic.PHONE: "un telephone un reglage; telephone; reglage; smartphone; appareil; phone",
    NamelessHelp.Topic.MAIL: "un mail un mot de passe; mail; mot de passe; messagerie; boite mail; compte",
    NamelessHelp.Topic.PROCEDURE: "une demarche en ligne; demarche; demarches; caf; impots; procedure",
    NamelessHelp.Topic.INFORMATION: "un renseignement; renseignement; information; renseignements; info",
    NamelessHelp.Topic.OTHER: "autre chose; autre; divers; other",
}
TOPIC_OF = {form.strip(): topic for topic, forms in _TOPICS.items() for form in forms.split(";")}


@dataclass(frozen=True, slots=True)
class Helped:
    """So many were helped that day, with what, for how long each; or one, whom an identifier names."""

    day: date | None
    topic: str
    minutes: int
    count: int
    reference: str = ""


class PastHelp(Kind):
    """Help of the past: without a name, or of someone whose file the row names."""

    name = "help"
    label = _("Aides passées")
    says = _(
        "Le jour, le sujet, la durée, combien : pour que les chiffres commencent avant Bagage. "
        "Avec l’identifiant du dossier, l’aide s’écrit dans ce dossier."
    )
    icon = "hand-helping"
    ability = Ability.RUN_SITE
    fields = (
        Field("day", _("Jour"), ("jour", "date", "date de l aide", "date du passage", "le"), "day", "day"),
        Field("topic", _("Sujet"), ("sujet", "theme", "motif", "type d aide", "aide", "objet", "demande", "topic")),
        Field(
            "minutes", _("Minutes"),
            ("minutes", "duree", "temps", "duree en minutes", "temps passe", "duree min"), "number",
        ),
        Field("count", _("Combien"), ("combien", "nombre", "nb", "quantite", "nombre de personnes", "total"), "number"),
        Field(
            "reference", _("Identifiant du dossier"),
            ("identifiant du dossier", "identifiant", "id", "numero de dossier", "n dossier", "dossier", "reference",
             "code", "carte", "code de la carte", "matricule", "personne"),
        ),
    )  # fmt: skip

    def count(self, number: int) -> str:
        return ngettext("%(count)s ligne d’aides", "%(count)s lignes d’aides", number) % {"count": number}

    def who(self, cells: Mapping[str, str]) -> str:
        return " ".join(part for part in (cells.get("day", ""), cells.get("topic", "")) if part)[:80]

    def fault_words(self, fault: Mapping[str, Any]) -> str:
        topics = ", ".join(str(label) for label in NamelessHelp.Topic.labels)
        return {
            "no_day": gettext("Il manque le jour."),
            "topic_unknown": gettext("Ce sujet n’est pas prévu. Il y a : %(topics)s.") % {"topics": topics},
            "not_found": gettext(
                "Aucun dossier de vos permanences n’a cet identifiant ni cette carte. Laissez vide : l’aide compte "
                "sans nom."
            ),
            "one_at_a_time": gettext(
                "Avec un identifiant, une ligne est une aide : laissez « Combien » vide."
            ),
            "twice_in_file": gettext("La même aide, de la même personne, le même jour : ligne %(row)s.")
            % {"row": dict(fault.get("facts") or {}).get("row", "")},
            "no_site": gettext("Ce lieu n’a pas encore d’adresse : complétez-le dans « Permanences »."),
        }.get(str(fault["code"]), "")

    def ground(self, batch: Batch, at: datetime) -> Ground:
        ground = super().ground(batch, at)
        ground.kept["site"] = Site.objects.filter(organisation=batch.node).first()
        return ground

    def read(self, number: int, cells: Mapping[str, str], ground: Ground) -> Reading:
        reading = Reading(number, dict(cells))
        if ground.kept["site"] is None:
            reading.faults.append(Fault("", "no_site"))
        day = None
        try:
            day = read_past_day(cells.get("day", ""), ground.today, order=ground.order("day"))
            if day is None:
                reading.faults.append(Fault("day", "no_day"))
        except Wrong as wrong:
            reading.faults.append(Fault.of("day", wrong, cells.get("day", "")))
        said = folded(cells.get("topic", ""))
        topic = TOPIC_OF.get(said) if said else NamelessHelp.Topic.OTHER
        if topic is None:
            reading.faults.append(Fault("topic", "topic_unknown", cells.get("topic", "")))
        figures = {}
        for name, usual, most in (("minutes", USUAL_MINUTES, 480), ("count", 1, MOST)):
            value = cells.get(name, "")
            try:
                figures[name] = read_number(value, lowest=1, highest=most) or usual
            except Wrong as wrong:
                reading.faults.append(Fault.of(name, wrong, value))
                figures[name] = usual
        reference = cells.get("reference", "").removesuffix(".0")[:80]
        reference = "" if is_unknown(reference) else reference
        if reference and figures["count"] > 1:
            reading.faults.append(Fault("count", "one_at_a_time", cells.get("count", "")))
        reading.values = Helped(day, topic or "", figures["minutes"], figures["count"], reference)
        return reading

    def known(
        self, readings: Sequence[Reading], ground: Ground, earlier: Sequence[Reading] = ()
    ) -> list[Verdict]:
        named = [reading.values.reference for reading in readings if reading.values.reference]
        persons = persons_named(named, ground.source, ground.batch.read_by) if named else {}
        seen = {_alike(one.values): one.number for one in earlier if one.values.reference}
        verdicts = []
        for reading in readings:
            verdict, one = Verdict(), reading.values
            if one.reference and one.reference not in persons:
                verdict.faults.append(Fault("reference", "not_found", one.reference))
            elif one.reference and _alike(one) in seen:
                facts = {"row": seen[_alike(one)]}
                verdict.faults.append(Fault("reference", "twice_in_file", one.reference, facts=facts))
            if one.reference:
                seen.setdefault(_alike(one), reading.number)
            verdicts.append(verdict)
        return verdicts

    def write(self, todo: Sequence[Todo], ground: Ground, *, by: User | Actor, at: datetime) -> list[Outcome]:
        rows, passages, outcomes = [], [], []
        named = [each.reading.values.reference for each in todo if each.reading.values.reference]
        persons = persons_named(named, ground.source, ground.batch.read_by) if named else {}
        for each in todo:
            one: Helped = each.reading.values
            assert one.day is not None
            moment = min(timezone.make_aware(datetime.combine(one.day, time(12))), at)
            if one.reference:
                person = persons.get(one.reference)
                if person is None:
                    fault = Fault("reference", "not_found", one.reference)
                    outcomes.append(Outcome(RowState.SET_ASIDE, errors=[fault]))
                    continue
                passage = QueueEntry(
                    site=ground.kept["site"],
                    first_name=person.chosen_name,
                    topic=str(NamelessHelp.Topic(one.topic).label),
                    person=person,
                    key=f"{_stem(ground, each.number)}0",
                    state=QueueEntry.State.DONE,
                    came_at=moment,
                    called_at=moment,
                    left_at=min(moment + timedelta(minutes=one.minutes), at),
                    written_by=name_of(by)[:80],
                )
                passages.append(passage)
                outcomes.append(Outcome(RowState.WRITTEN, f"passage:{passage.uuid}", {"count": 1}))
                continue
            made = [
                NamelessHelp(
                    site=ground.kept["site"],
                    topic=one.topic,
                    minutes=one.minutes,
                    at=moment,
                    key=f"{_stem(ground, each.number)}{place}",
                    written_by=name_of(by)[:80],
                )
                for place in range(one.count)
            ]
            rows += made
            outcomes.append(Outcome(RowState.WRITTEN, f"help:{made[0].uuid}", {"count": one.count}))
        NamelessHelp.objects.bulk_create(rows, batch_size=500)
        QueueEntry.objects.bulk_create(passages, batch_size=500)
        note_brought_in(
            [passage.person for passage in passages if passage.person],
            thing=ground.batch.thing,
            node=ground.node,
            fields=["passages"],
            by=by,
            at=at,
        )
        return outcomes

    def undo(self, rows: Sequence[Row], ground: Ground, *, by: User | Actor, at: datetime) -> list[Outcome]:
        for row in rows:
            counted = NamelessHelp.objects.filter(key__startswith=_stem(ground, row.number), undone_at=None)
            counted.update(undone_at=at)
            QueueEntry.objects.filter(key__startswith=_stem(ground, row.number)).delete()
        return [Outcome(RowState.UNDONE) for _row in rows]

    def rows_out(self, nodes: Sequence[Organisation], at: datetime, *, by: User) -> Iterator[Sequence[Any]]:
        yield [str(each.label) for each in self.fields]
        found = NamelessHelp.objects.filter(
            site__organisation__in=[node.pk for node in nodes], undone_at=None
        )
        for one in found.order_by("at", "pk").iterator(chunk_size=500):
            yield [timezone.localdate(one.at), one.get_topic_display(), one.minutes, 1]


def _alike(one: Helped) -> tuple[str, date | None, str]:
    return one.reference, one.day, one.topic


def _stem(ground: Ground, number: int) -> str:
    """How the keys of one row begin: 40 letters hold it, whatever the row."""
    return f"i{ground.batch.uuid.hex[:20]}:{number}:"


register(PastHelp())
