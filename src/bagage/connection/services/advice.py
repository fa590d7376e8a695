"""Keeping advice, writing down what she chose and what she really paid; the figures and texts of the house."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bagage.accounts.models import User, actor_of, name_of
from bagage.common.errors import BusinessError
from bagage.connection.domain.money import read_money
from bagage.connection.domain.programme import Programme, programme_as_json
from bagage.connection.domain.usage import LARGEST_FIGURE, USE
from bagage.connection.models import Advice, Bill, LiftingText, UsageFigure
from bagage.connection.queries.advice import programme_of
from bagage.connection.queries.lifting import LIFTED
from bagage.people.models import Person
from bagage.people.queries import identity_ids, place_of
from bagage.trail.domain.actor import Actor
from bagage.trail.services import NETWORK, record

LONGEST_BILL_DAYS = 366
MOST_PAID = 1_000_00


# ---------- advice ----------
@transaction.atomic
def keep_advice(
    person: Person,
    *,
    said: Mapping[str, Any],
    asked: Mapping[str, Any],
    answer: Mapping[str, Any],
    programme: Programme,
    key: str,
    by: User | Actor,
    at: datetime | None = None,
) -> Advice:
    """The advice of this moment in her file, with the lines it speaks of; the same ``key`` again gives the same one.

    Raises :class:`BusinessError` when the key was used for someone else.
    """
    at = at or timezone.now()
    kept = Advice.objects.filter(key=key).first()
    if kept is None:
        try:
            with transaction.atomic():
                kept = Advice.objects.create(
                    person=person,
                    said=dict(said),
                    asked=dict(asked),
                    answer=dict(answer),
                    programme=programme_as_json(programme_of(answer, programme)),
                    key=key,
                    advised_on=timezone.localdate(at),
                    kept_at=at,
                    kept_by=by if isinstance(by, User) else None,
                    written_by=name_of(by),
                )
        except IntegrityError:  # the same press, twice at the same moment
            kept = Advice.objects.get(key=key)
        else:
            _note(by, "advice.keep", person, at=at, thing=f"advice:{kept.uuid}")
            return kept
    if kept.person_id != person.pk:
        raise BusinessError(_("Ce conseil a déjà été gardé. Rouvrez la page pour en garder un autre."))
    return kept


@transaction.atomic
def choose_offer(
    advice: Advice, *, choice: str, line: str = "", by: User | Actor, at: datetime | None = None
) -> Advice:
    """What she chose: few purchases, the cheapest, another line of the ranking, or what she has today.

    She may change her mind: the newest choice holds, the trail keeps each. Raises :class:`BusinessError` for what the
    advice does not offer.
    """
    at = at or timezone.now()
    advice = Advice.objects.select_for_update(of=("self",)).select_related("person").get(pk=advice.pk)
    chosen_line, total = _chosen(advice, choice, line)
    if (advice.choice, advice.chosen_line) == (choice, chosen_line):
        return advice
    advice.choice, advice.chosen_line, advice.chosen_total = choice, chosen_line, total
    advice.chosen_at = at
    advice.save(update_fields=["choice", "chosen_line", "chosen_total", "chosen_at"])
    _note(
        by,
        "advice.choose",
        advice.person,
        at=at,
        thing=f"advice:{advice.uuid}",
        fields=["choice", "chosen_line"],
    )
    return advice


def _chosen(advice: Advice, choice: str, line: str) -> tuple[str, int | None]:
    """The line and the total that a choice means."""
    best = advice.answer.get("best")
    if choice == Advice.Choice.KEEP:
        if not advice.asked.get("current"):
            raise BusinessError(_("On ne sait pas ce qui est payé aujourd’hui : notez-le d’abord."))
        return "", None
    if choice == Advice.Choice.LINE:
        for row in advice.answer.get("ranking") or []:
            if row["line"] == line and row.get("total") is not None:
                return line, read_money(row["total"])
        raise BusinessError(_("Cette ligne n’est pas dans ce conseil."))
    if choice not in {Advice.Choice.FEWEST, Advice.Choice.BEST} or not best:
        raise BusinessError(_("Ce conseil ne propose pas ce choix."))
    told = (best.get("fewest") or best) if choice == Advice.Choice.FEWEST else best
    return str(best["line"]), read_money(told["total"])


@transaction.atomic
def record_bill(
    person: Person,
    *,
    paid: int,
    first_day: date,
    last_day: date,
    kind: str = Bill.Kind.BILL,
    note: str = "",
    advice: Advice | None = None,
    key: str,
    by: User | Actor,
    at: datetime | None = None,
) -> Bill:
    """What she paid (cents) from a day to a day, both included, beside the advice that it is compared with.

    Raises :class:`BusinessError` for a period that ends before it begins, lasts over a year, or is not over; for an
    amount beyond 1,000 euros; for an advice that is another person's.
    """
    at = at or timezone.now()
    if last_day < first_day:
        raise BusinessError(_("La fin est avant le début."), field="last_day")
    if last_day > timezone.localdate(at):
        raise BusinessError(_("Cette date n’est pas encore passée."), field="last_day")
    if (last_day - first_day).days >= LONGEST_BILL_DAYS:
        raise BusinessError(_("Une facture couvre un an au plus."), field="last_day")
    if not 0 <= paid <= MOST_PAID:
        raise BusinessError(_("Entre 0 et 1 000 €. Au-delà, vérifiez la virgule."), field="paid")
    if kind not in Bill.Kind.values:
        raise BusinessError(_("Une facture, ou des recharges."), field="kind")
    if advice is not None and advice.person_id not in identity_ids(person):
        raise BusinessError(_("Ce conseil n’est pas dans ce dossier."))
    found = Bill.objects.filter(key=key, person=person).first()
    if found:
        return found
    try:
        with transaction.atomic():
            bill = Bill.objects.create(
                person=person,
                advice=advice,
                kind=kind,
                paid=paid,
                first_day=first_day,
                last_day=last_day,
                note=note.strip()[:200],
                key=key,
                recorded_at=at,
                written_by=name_of(by),
            )
    except IntegrityError as error:
        found = Bill.objects.filter(key=key, person=person).first()
        if found is None:
            raise BusinessError(_("Déjà noté. Rouvrez la page pour en noter une autre.")) from error
        return found
    _note(by, "advice.bill", person, at=at, thing=f"bill:{bill.uuid}")
    return bill


@transaction.atomic
def note_printed(person: Person, what: str, *, by: User | Actor, at: datetime | None = None) -> None:
    """A paper with her name on it was made: "advice", or the condition whose letter it is."""
    _note(by, "advice.print", person, at=at or timezone.now(), thing=f"paper:{what}")


# ---------- the house ----------
@transaction.atomic
def set_usage_figures(
    figures: Mapping[str, tuple[int, str]], *, by: User | Actor, at: datetime | None = None
) -> list[str]:
    """Use → (units each time, where the figure comes from). Gives back the uses that changed.

    Advice that was kept stays as it was. Raises :class:`BusinessError` for a figure that is not above zero.
    """
    at = at or timezone.now()
    own = {one.use: one for one in UsageFigure.objects.select_for_update()}
    changed = []
    for use, (figure, source) in figures.items():
        if use not in USE:
            raise BusinessError(_("Cet usage n’existe pas."))
        if not 0 < figure <= LARGEST_FIGURE:
            raise BusinessError(_("Un nombre entier, au-dessus de zéro."), field=use)
        before = own.get(use)
        source = source.strip()[:200]
        if before is None and figure == USE[use].figure and source in {"", "exemple"}:
            continue
        if before is not None and (before.figure, before.source) == (figure, source):
            continue
        UsageFigure.objects.update_or_create(
            use=use,
            defaults={"figure": figure, "source": source, "changed_at": at, "written_by": name_of(by)},
        )
        changed.append(use)
    if changed:
        record(actor_of(by), "advice.figures", at=at, place=NETWORK, fields=changed)
    return changed


@transaction.atomic
def change_lifting_text(
    condition: str,
    *,
    summary: str,
    steps: str = "",
    link: str = "",
    letter_title: str = "",
    letter_to: str = "",
    letter_body: str = "",
    is_example: bool,
    by: User | Actor,
    at: datetime | None = None,
) -> LiftingText:
    """How this obstacle is lifted, in the words of the house.

    Raises :class:`BusinessError` for an obstacle that does not exist, without a summary, or a letter without a title.
    """
    at = at or timezone.now()
    if condition not in LIFTED:
        raise BusinessError(_("Cet obstacle n’existe pas."))
    if not summary.strip():
        raise BusinessError(
            _("Une phrase est nécessaire : c’est elle que l’on lit d’abord."), field="summary"
        )
    if letter_body.strip() and not letter_title.strip():
        raise BusinessError(_("Une lettre a un objet."), field="letter_title")
    fields = {
        "summary": summary.strip(),
        "steps": steps.strip(),
        "link": link.strip(),
        "letter_title": letter_title.strip(),
        "letter_to": letter_to.strip(),
        "letter_body": letter_body.strip(),
        "is_example": is_example,
    }
    text, _created = LiftingText.objects.update_or_create(
        condition=condition, defaults={**fields, "changed_at": at, "written_by": name_of(by)}
    )
    record(
        actor_of(by), "advice.text", at=at, place=NETWORK, thing=f"lifting:{condition}", fields=sorted(fields)
    )
    return text


@transaction.atomic
def restore_lifting_text(condition: str, *, by: User | Actor, at: datetime | None = None) -> None:
    """Back to the text that comes with Bagage."""
    if LiftingText.objects.filter(condition=condition).delete()[0]:
        record(
            actor_of(by),
            "advice.text",
            at=at or timezone.now(),
            place=NETWORK,
            thing=f"lifting:{condition}",
            reason="restored",
        )


def _note(
    by: User | Actor,
    verb: str,
    person: Person,
    *,
    at: datetime,
    thing: str = "",
    fields: list[str] | None = None,
) -> None:
    place = place_of(person, by if isinstance(by, User) else None, at)
    record(actor_of(by), verb, at=at, place=place, person=person.uuid, thing=thing, fields=fields or [])
