"""What happens to a line that a person holds: opened, topped up, lapsed, lost, ported, left for a plan, given back.

Each act writes one event, computes state and last day again from all events, and writes the trail. ``key`` makes the
same form sent twice count once. Days may lie in the past, never in the future.
"""

from __future__ import annotations

from datetime import date, datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bagage.accounts.models import User, actor_of, name_of
from bagage.common.errors import BusinessError, Conflict
from bagage.common.words import before_colon, day, written_for
from bagage.common.words import phone as shown_phone
from bagage.connection.domain import lifecycle
from bagage.connection.events import line_changed
from bagage.connection.models.catalogue import Line, Offer
from bagage.connection.models.lines import HeldLine, LineEvent
from bagage.messaging.services import cancel_messages, queue_paper
from bagage.people.models import Agreement, ContactWay, Person
from bagage.people.queries import agreements_now, contact_ways_now, place_of, whole_person
from bagage.permanences.models import Site
from bagage.trail.domain.actor import Actor
from bagage.trail.services import NETWORK, record

By = User | Actor
VERBS = {
    lifecycle.ACTIVATED: "line.activate",
    lifecycle.TOPPED_UP: "line.top_up",
    lifecycle.LAPSED: "line.lapse",
    lifecycle.LOST: "line.lose",
    lifecycle.PORTED: "line.port",
    lifecycle.LEFT_FOR_PLAN: "line.leave_for_plan",
    lifecycle.CLOSED: "line.close",
    lifecycle.CORRECTED: "line.correct",
}


# ---------- what a person at work notes ----------
@transaction.atomic
def activate_line(
    person: Person,
    *,
    line: Line | None = None,
    words: str = "",
    number: str = "",
    offer: Offer | None = None,
    what: str = "",
    price: int | None = None,
    live_until: date | None = None,
    has_no_end: bool = False,
    on: date,
    note: str = "",
    was_told: bool = False,
    key: str,
    by: By,
    at: datetime | None = None,
) -> HeldLine:
    """A line of hers lives from ``on``: of a range of the catalogue, or as ``words`` name it.

    ``offer`` is what was bought with it. Its days give the last day unless ``live_until`` says another; a plan has
    none. ``price`` is in cents, that of the offer unless told; ``number`` in international form. Raises
    :class:`BusinessError` when nothing names the line, when an offer is not of that range, for a day to come, or for a
    number that already lives on another line.
    """
    at = at or timezone.now()
    words = " ".join(words.split())[:120]
    known = _known(key)
    if known is not None:
        return known.line
    if line is None and not words:
        raise BusinessError(
            _("Choisissez la gamme de l’opérateur, ou écrivez le nom de l’opérateur."), field="line"
        )
    if offer is not None and (line is None or offer.line_id != line.pk):
        raise BusinessError(_("Cette offre ne se vend pas sur cette ligne."), field="offer")
    _check_number(number)
    held = HeldLine.objects.create(
        person=person,
        line=line,
        words="" if line else words,
        number=number,
        state=lifecycle.VOID,
        opened_at=at,
        changed_at=at,
    )
    return _write(
        held,
        lifecycle.ACTIVATED,
        on=on,
        offer=offer,
        what=what,
        price=price,
        live_until=live_until,
        has_no_end=has_no_end,
        was_told=was_told,
        note=note,
        key=key,
        by=by,
        at=at,
    )


@transaction.atomic
def record_top_up(
    held: HeldLine,
    *,
    offer: Offer | None = None,
    what: str = "",
    price: int | None = None,
    live_until: date | None = None,
    on: date,
    note: str = "",
    was_told: bool = False,
    key: str,
    by: By,
    at: datetime | None = None,
) -> HeldLine:
    """She topped it up on that day; a line that had lapsed lives again.

    The last day comes from the offer's days unless ``live_until`` says another; a shorter top-up never shortens what
    lives. Raises :class:`BusinessError` for a plan, for an offer of another range, for a last day before ``on``, when
    nothing says what was bought; :class:`Conflict` when the line has ended.
    """
    if offer is not None and (held.line_id is None or offer.line_id != held.line_id):
        raise BusinessError(_("Cette offre ne se vend pas sur cette ligne."), field="offer")
    if offer is not None and offer.kind != Offer.Kind.TOP_UP:
        raise BusinessError(
            _("C’est un forfait, pas une recharge. Notez plutôt « quittée pour un forfait »."), field="offer"
        )
    if offer is None and not what.strip() and price is None and live_until is None:
        raise BusinessError(
            _("Dites ce qui a été acheté : une recharge, un prix ou une date."), field="offer"
        )
    return _write(
        held,
        lifecycle.TOPPED_UP,
        on=on,
        offer=offer,
        what=what,
        price=price,
        live_until=live_until,
        was_told=was_told,
        note=note,
        key=key,
        by=by,
        at=at or timezone.now(),
    )


@transaction.atomic
def set_number(held: HeldLine, number: str, *, by: By, at: datetime | None = None) -> HeldLine:
    """The number of a line, known at last or read again; "" when nobody knows it any more.

    Raises :class:`BusinessError` for a number that lives on another line, :class:`Conflict` when this one has ended.
    """
    at = at or timezone.now()
    held = _locked(held)
    if held.number == number:
        return held
    if held.state not in lifecycle.LIVE:
        raise Conflict(_("Cette ligne est finie : rien ne s’y ajoute. Notez une nouvelle ligne."))
    _check_number(number, but=held.pk)
    held.number = number
    try:
        with transaction.atomic():
            held.save(update_fields=["number"])
    except IntegrityError as error:  # the same number, written by someone else at this moment
        raise Conflict(
            _("Ce numéro vit déjà sur une autre ligne. Relisez ses chiffres, ou laissez vide."),
            field="number",
        ) from error
    _trail(held, "line.number", by=by, at=at, fields=["number"])
    return held


@transaction.atomic
def note_left_for_plan(
    held: HeldLine,
    *,
    to: str,
    kept_number: bool | None = None,
    price: int | None = None,
    on: date,
    note: str = "",
    key: str,
    by: By,
    at: datetime | None = None,
) -> HeldLine:
    """She left it for a plan of her own with ``to``: the exit that we hope for. ``price`` is a month, in cents."""
    if not to.strip():
        raise BusinessError(_("Écrivez chez quel opérateur."), field="to")
    return _write(
        held,
        lifecycle.LEFT_FOR_PLAN,
        on=on,
        what=to,
        price=price,
        kept_number=kept_number,
        note=note,
        key=key,
        by=by,
        at=at or timezone.now(),
    )


@transaction.atomic
def note_ported(
    held: HeldLine, *, to: str, on: date, note: str = "", key: str, by: By, at: datetime | None = None
) -> HeldLine:
    """Her number moved to another line, with the operator ``to``."""
    if not to.strip():
        raise BusinessError(_("Écrivez chez quel opérateur."), field="to")
    return _write(
        held,
        lifecycle.PORTED,
        on=on,
        what=to,
        kept_number=True,
        note=note,
        key=key,
        by=by,
        at=at or timezone.now(),
    )


@transaction.atomic
def note_lost(
    held: HeldLine, *, on: date, note: str = "", key: str, by: By, at: datetime | None = None
) -> HeldLine:
    """The number is lost: taken back by the operator, or gone with a phone and not replaced."""
    return _write(held, lifecycle.LOST, on=on, note=note, key=key, by=by, at=at or timezone.now())


@transaction.atomic
def close_line(
    held: HeldLine, *, on: date, note: str = "", key: str, by: By, at: datetime | None = None
) -> HeldLine:
    """She gave the SIM back, or wants this line no more."""
    return _write(held, lifecycle.CLOSED, on=on, note=note, key=key, by=by, at=at or timezone.now())


@transaction.atomic
def correct_event(
    event: LineEvent, *, note: str = "", key: str, by: By, at: datetime | None = None
) -> HeldLine:
    """What was written last does not hold: a counter-entry says so, and the line stands where it stood before.

    Only the event written last can be taken back; then the one before it. Raises :class:`Conflict` for another one, and
    when the number lives on another line meanwhile.
    """
    at = at or timezone.now()
    held = _locked(event.line)
    known = _known(key)
    if known is not None:
        return held
    life = lifecycle.life_of(held.events.all())
    if life.last != event.pk:
        raise Conflict(_("Seul ce qui a été noté en dernier se défait. Défaites d’abord ce qui a suivi."))
    return _write(
        held,
        lifecycle.CORRECTED,
        on=timezone.localdate(at),
        corrects=event,
        note=note,
        key=key,
        by=by,
        at=at,
    )


# ---------- what comes by itself ----------
@transaction.atomic
def note_lapsed(held: HeldLine, *, by: By, at: datetime | None = None) -> bool:
    """The last day of an active line is over: it lapsed the day after. Whether something was written."""
    at = at or timezone.now()
    held = _locked(held)
    if held.state != lifecycle.ACTIVE or held.live_until is None or held.live_until >= timezone.localdate(at):
        return False
    _settle(held, list(held.events.all()), by=by, at=at, verb=VERBS[lifecycle.LAPSED], fields=[])
    return True


@transaction.atomic
def remind_of_lapse(held: HeldLine, *, by: By, at: datetime | None = None) -> bool:
    """Have her told that her line is about to stop, once for each last day; whether a message was written.

    It goes the way that she asked for; on a shared phone neither the service nor the reason is named. Without a way, it
    waits on the paper list of the permanence that follows her. Nothing is written for who does not want us to keep
    anything about her, nor where nobody follows her.
    """
    at = at or timezone.now()
    held = _locked(held)
    if held.state != lifecycle.ACTIVE or held.live_until is None:
        return False
    mark = f"held_line:{held.uuid}:{held.live_until.isoformat()}:"
    if held.reminder.startswith(mark):
        return False
    person = whole_person(held.person)
    place = place_of(person, None, at)
    if place == NETWORK or _refuses(person):
        return False
    site = Site.objects.select_related("organisation").filter(organisation__uuid=place).first()
    key = f"{mark}{int(at.timestamp())}"
    whom, body = _words_to_her(person, held.live_until, site)
    queue_paper(to=whom, body=body, key=key, about=f"held_line:{held.uuid}", place=place, at=at)
    held.reminder = key
    held.save(update_fields=["reminder"])
    record(
        actor_of(by),
        "line.remind",
        at=at,
        place=place,
        person=held.person.uuid,
        thing=f"held_line:{held.uuid}",
    )
    return True


def reminder_days() -> int:
    """How many days before its last one a line is said to be about to stop (``BAGAGE_LINE_REMINDER_DAYS``)."""
    return int(settings.LINE_REMINDER_DAYS)


# ---------- inside ----------
def _locked(held: HeldLine) -> HeldLine:
    """The row as it is now, held until the act is done."""
    return (
        HeldLine.objects.select_for_update(of=("self",))
        .select_related("person", "person__merged_into", "line")
        .get(pk=held.pk)
    )


def _known(key: str) -> LineEvent | None:
    return LineEvent.objects.select_related("line__person", "line__line").filter(key=key[:64]).first()


def _check_number(number: str, but: int = 0) -> None:
    """One live line for one number; says nothing of whose it is."""
    if number and HeldLine.objects.live().filter(number=number).exclude(pk=but).exists():
        raise BusinessError(
            _("Ce numéro vit déjà sur une autre ligne. Relisez ses chiffres, ou laissez vide."),
            field="number",
        )


def _write(
    held: HeldLine,
    kind: str,
    *,
    on: date,
    key: str,
    by: By,
    at: datetime,
    offer: Offer | None = None,
    what: str = "",
    price: int | None = None,
    live_until: date | None = None,
    has_no_end: bool = False,
    was_told: bool = False,
    kept_number: bool | None = None,
    note: str = "",
    corrects: LineEvent | None = None,
) -> HeldLine:
    """One event, and all that follows from it."""
    if kind != lifecycle.ACTIVATED:  # one that is just being opened is nobody else's yet
        held = _locked(held)
    if not key:
        raise ValueError("an act on a line needs a key, so that sending it twice counts once")
    known = _known(key) if kind != lifecycle.ACTIVATED else None
    if known is not None:
        if known.line_id != held.pk:
            raise Conflict(_("Ce formulaire a déjà servi. Rouvrez la page et recommencez."))
        return held
    if on > timezone.localdate(at):
        raise BusinessError(_("Cette date n’est pas encore passée."), field="on")
    if kind not in {lifecycle.ACTIVATED, lifecycle.CORRECTED} and not lifecycle.can_happen(held.state, kind):
        raise Conflict(_("Cette ligne est finie : rien ne s’y ajoute. Notez une nouvelle ligne."))
    events = list(held.events.all()) if kind != lifecycle.ACTIVATED else []
    first = min((one.on for one in events if one.kind == lifecycle.ACTIVATED), default=None)
    if first is not None and on < first:
        raise BusinessError(
            _("La ligne n’était pas encore ouverte : elle l’est depuis le %(day)s.") % {"day": day(first)},
            field="on",
        )
    if live_until is not None and live_until < on:
        raise BusinessError(_("Elle s’arrêterait avant ce jour : relisez la date."), field="live_until")
    if offer is not None:
        price = offer.price if price is None else price
        if offer.kind == Offer.Kind.PLAN and live_until is None:
            has_no_end = True
        elif live_until is None and offer.validity_days:
            live_until = lifecycle.last_day(on, offer.validity_days)
    event = LineEvent(
        line=held,
        kind=kind,
        on=on,
        offer=offer,
        what=" ".join(what.split())[:160],
        price=price,
        live_until=None if has_no_end else live_until,
        has_no_end=has_no_end,
        was_told=was_told,
        kept_number=kept_number,
        note=" ".join(note.split())[:200],
        corrects=corrects,
        key=key[:64],
        written_by=name_of(by),
        written_at=at,
    )
    try:
        with transaction.atomic():
            event.save(force_insert=True)
    except IntegrityError as error:  # the same form, sent twice at the same moment
        raise Conflict(_("C’est déjà noté.")) from error
    fields = [name for name in ("price", "live_until", "note") if getattr(event, name) not in (None, "")]
    _settle(held, [*events, event], by=by, at=at, verb=VERBS[kind], fields=fields)
    return held


def _settle(
    held: HeldLine, events: list[LineEvent], *, by: By, at: datetime, verb: str, fields: list[str]
) -> None:
    """Compute where the line stands, lapse it if its last day is over, take back what is no longer to be told."""
    old_state, old_until = held.state, held.live_until
    try:
        life = lifecycle.life_of(events)
        if (
            life.state == lifecycle.ACTIVE
            and life.live_until is not None
            and life.live_until < timezone.localdate(at)
        ):
            lapse = LineEvent.objects.create(
                line=held,
                kind=lifecycle.LAPSED,
                on=lifecycle.lapses_on(life.live_until),
                key=f"lapse:{held.uuid.hex}:{life.live_until.isoformat()}",
                written_at=at,
            )
            life = lifecycle.life_of([*events, lapse])
    except lifecycle.ImpossibleLife as error:
        raise Conflict(
            _("Cela ne suit pas ce qui est noté : relisez la date, ou l’histoire de la ligne.")
        ) from error
    if life.state in lifecycle.LIVE and old_state not in lifecycle.LIVE:
        _check_number(held.number, but=held.pk)
    held.state, held.since = life.state, life.since
    held.live_until, held.has_no_end = life.live_until, life.has_no_end
    held.changed_at = at
    is_past = life.state != lifecycle.ACTIVE or life.live_until != old_until
    if held.reminder and is_past and cancel_messages(keys=[held.reminder], at=at):
        held.reminder = ""
    try:
        with transaction.atomic():
            held.save(update_fields=["state", "since", "live_until", "has_no_end", "changed_at", "reminder"])
    except IntegrityError as error:  # the same number, written by someone else at this moment
        raise Conflict(
            _("Ce numéro vit déjà sur une autre ligne. Relisez ses chiffres, ou laissez vide."),
            field="number",
        ) from error
    line_changed.send(sender=HeldLine, line=held, old_state=old_state, new_state=held.state, by=by, at=at)
    _trail(held, verb, by=by, at=at, fields=fields)


def _trail(held: HeldLine, verb: str, *, by: By, at: datetime, fields: list[str]) -> None:
    place = place_of(whole_person(held.person), by if isinstance(by, User) else None, at)
    record(
        actor_of(by),
        verb,
        at=at,
        place=place,
        person=held.person.uuid,
        thing=f"held_line:{held.uuid}",
        fields=fields,
    )


def _refuses(person: Person) -> bool:
    """Whether her last word on what is kept about her was no."""
    for said in agreements_now(person):
        if said.kind == Agreement.Kind.INFORMED:
            return said.answer != Agreement.Answer.AGREED
    return False


def _words_to_her(person: Person, last: date, site: Site | None) -> tuple[str, str]:
    """Who is told, and what; in the language of the installation."""
    way = next((one for one in contact_ways_now(person) if one.kind != ContactWay.Kind.PAPER), None)
    with written_for():
        # The day alone: it may be told some days after it was written.
        when = _("Votre ligne s’arrête %(day)s, le soir.") % {"day": day(last)}
        body = "\n".join([when, _("Pour continuer, achetez une recharge.")])
        if way is None:
            return _("%(name)s, à son prochain passage") % {"name": person.chosen_name}, body
        values = {"name": person.chosen_name, "phone": shown_phone(way.phone) if way.phone else ""}
        if way.kind == ContactWay.Kind.SMS:
            whom = _("%(name)s, SMS au %(phone)s") % values
        elif way.kind == ContactWay.Kind.CALL:
            whom = _("%(name)s, appel au %(phone)s") % values
        else:
            by_whom = way.through or _("par qui l’oriente")
            whom = f"{person.chosen_name}, {by_whom}"
        if way.is_shared:
            whom += _(" (téléphone partagé : rester discret)")
            at_number = _(" au %(phone)s") % {"phone": shown_phone(site.phone)} if site and site.phone else ""
            body = _("Un message pour %(name)s : merci de rappeler%(at_number)s.") % {
                "name": person.chosen_name,
                "at_number": at_number,
            }
        elif site is not None:
            where = before_colon(_("Où nous trouver"))
            body += f"\n{where} {site}, {site.full_address}"
        return whom[:254], body
