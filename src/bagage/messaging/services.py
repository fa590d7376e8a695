"""Writing messages, moving them on, and saying how mail leaves."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from bagage.common.errors import BusinessError, Conflict
from bagage.messaging.domain.lifecycle import CANCELLABLE, RESENDABLE, may_go
from bagage.messaging.domain.retries import next_try
from bagage.messaging.models import SECRET, Channel, Message, State, Told, Transport
from bagage.messaging.queries import current_route
from bagage.messaging.vault import seal
from bagage.trail.domain.actor import Actor, HasActor, actor_of
from bagage.trail.services import NETWORK, record

# A mail that was claimed and of which nothing was heard for so long: its sender was stopped in the middle.
# Longer than a slow server can make us wait (each step of SMTP has 20 seconds).
LOST_AFTER = timedelta(minutes=15)
# Body and address of a settled message are readable for so long.
READABLE_FOR = timedelta(days=30)
SETTLED = (State.ACCEPTED, State.DELIVERED, State.FAILED, State.UNCERTAIN, State.CANCELLED)

Text = str | Promise


# ---------- writing ----------


@transaction.atomic
def queue_email(
    *,
    to: str,
    subject: Text,
    body: Text,
    key: str,
    about: str = "",
    place: str = "",
    html: str = "",
    not_before: datetime | None = None,
    at: datetime | None = None,
) -> Message:
    """Write a mail to one address, to leave after the commit and not before ``not_before``.

    The message already known under ``key`` is given back untouched. While everything goes on paper it becomes a
    message on paper; one that holds a secret is not written on paper but failed, as is one to what is no address.
    """
    at = at or timezone.now()
    message = Message(
        channel=Channel.EMAIL,
        key=key,
        place=place,
        about=about,
        to=to.strip()[:254],
        subject=" ".join(str(subject).split())[:200],
        body=str(body),
        html=html,
        not_before=not_before or at,
        created_at=at,
    )
    if not _is_address(to.strip()):
        _fail(message, _("Ce n’est pas une adresse."), at)
    elif current_route().kind == "paper":
        _turn_to_paper(message, at)
    return _written(message)


@transaction.atomic
def queue_paper(
    *,
    to: Text,
    body: Text,
    key: str,
    about: str = "",
    place: str = "",
    not_before: datetime | None = None,
    at: datetime | None = None,
) -> Message:
    """Write a message for the paper list of ``place``: ``to`` says in words who is told.

    The message already known under ``key`` is given back untouched.
    """
    at = at or timezone.now()
    return _written(
        Message(
            channel=Channel.PAPER,
            key=key,
            place=place,
            about=about,
            to=str(to)[:254],
            body=str(body),
            not_before=not_before or at,
            created_at=at,
        )
    )


@transaction.atomic
def cancel_messages(
    about_prefix: str = "", *, keys: Iterable[str] = (), key_prefix: str = "", at: datetime | None = None
) -> int:
    """Take back what did not leave yet, by what it is about or by key; return how many. At least one must be given.

    One that a worker is sending at this moment leaves all the same.
    """
    keys = list(keys)
    waiting = Message.objects.filter(state=State.QUEUED)
    if about_prefix:
        waiting = waiting.filter(about__startswith=about_prefix)
    if keys:
        waiting = waiting.filter(key__in=keys)
    if key_prefix:
        waiting = waiting.filter(key__startswith=key_prefix)
    if not (about_prefix or keys or key_prefix):
        return 0
    return waiting.update(state=State.CANCELLED, settled_at=at or timezone.now())


def _is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return len(text) <= 254


def _turn_to_paper(message: Message, at: datetime) -> None:
    if message.is_secret:
        _fail(message, _("Rien ne part par mail ici : donnez une invitation imprimée."), at)
    else:
        message.channel = Channel.PAPER


def _fail(message: Message, why: str, at: datetime) -> None:
    message.state, message.settled_at, message.last_error = State.FAILED, at, why[:300]
    if message.is_secret:
        message.body = message.html = ""


def _written(message: Message) -> Message:
    """The row, or the one that has the same key already; two writers at once make one."""
    known = Message.objects.filter(key=message.key).first()
    if known is not None:
        return known
    try:
        with transaction.atomic():
            message.save(force_insert=True)
    except IntegrityError:
        return Message.objects.get(key=message.key)
    return message


# ---------- sending: what a worker does, each step a transaction of its own ----------


def claim_message(worker: str, *, at: datetime | None = None) -> Message | None:
    """Take the next mail that is due for this worker; committed before anything is said to a server.

    From here on no other worker sends it, and if this one is stopped it becomes uncertain, never sent again by itself.
    """
    at = at or timezone.now()
    # Asked without a lock first: an idle worker must not keep writers waiting.
    if not Message.objects.due(at).exists():
        return None
    with transaction.atomic(durable=True):
        message = Message.objects.due(at).select_for_update(skip_locked=True).first()
        if message is None:
            return None
        message.state = State.SENDING
        message.claimed_at, message.claimed_by = at, worker
        message.attempts += 1
        message.save(update_fields=["state", "claimed_at", "claimed_by", "attempts"])
    return message


def note_accepted(message: Message, *, at: datetime | None = None) -> None:
    """The server took it over."""
    values: dict[str, object] = {"last_error": ""}
    if message.is_secret:
        values |= {"body": "", "html": ""}
    _settle(message, State.ACCEPTED, at, **values)


def note_put_off(message: Message, why: str, *, at: datetime | None = None) -> None:
    """The server said "not now", or could not be reached: tried again later, or given up."""
    at = at or timezone.now()
    again = next_try(message.attempts, at)
    if again is None:
        note_refused(message, why, at=at)
    else:
        _settle(message, State.QUEUED, None, last_error=why[:300], not_before=again)


def note_refused(message: Message, why: str, *, at: datetime | None = None) -> None:
    """It will not leave; a human decides what then."""
    _settle(message, State.FAILED, at or timezone.now(), last_error=why[:300])


def note_uncertain(message: Message, why: str, *, at: datetime | None = None) -> None:
    """It may have left: the server did not answer after it had the text."""
    _settle(message, State.UNCERTAIN, at or timezone.now(), last_error=why[:300])


def _settle(message: Message, state: State, at: datetime | None, **values: object) -> None:
    """Write what became of a claimed message, if it is still this claim (or was held for lost meanwhile)."""
    if state is State.ACCEPTED:
        at = at or timezone.now()
    states = [one for one in State if may_go(one, state) and one in (State.SENDING, State.UNCERTAIN)]
    Message.objects.filter(
        pk=message.pk, state__in=states, claimed_by=message.claimed_by, claimed_at=message.claimed_at
    ).update(state=state, settled_at=at, **values)


def note_lost_claims(*, by_workers: Iterable[str] | None = None, at: datetime | None = None) -> int:
    """Say "uncertain" of the mails whose worker is known to be gone, or that were claimed 15 minutes ago."""
    at = at or timezone.now()
    claimed = Message.objects.filter(state=State.SENDING)
    if by_workers is None:
        claimed = claimed.filter(claimed_at__lt=at - LOST_AFTER)
    else:
        claimed = claimed.filter(claimed_by__in=list(by_workers))
    if not claimed.exists():
        return 0
    return claimed.update(state=State.UNCERTAIN, settled_at=at, last_error=_("L’envoi a été interrompu."))


def doubt_what_waited(*, at: datetime | None = None) -> int:
    """After a back-up was restored: the mails that waited in it may have left since, so none leaves by itself.

    Those that were not due yet still wait. Returns how many are uncertain now.
    """
    at = at or timezone.now()
    waiting = Message.objects.filter(
        channel=Channel.EMAIL, state__in=[State.QUEUED, State.SENDING], not_before__lte=at
    )
    return waiting.update(
        state=State.UNCERTAIN,
        settled_at=at,
        last_error=_("Une sauvegarde a été remise en place : ce message est peut-être parti avant."),
    )


def move_mail_to_paper(*, at: datetime | None = None) -> int:
    """While nothing leaves by mail: what waits goes to the paper list, what holds a secret fails; return how many."""
    at = at or timezone.now()
    waiting = Message.objects.filter(channel=Channel.EMAIL, state=State.QUEUED)
    if not waiting.exists():
        return 0
    with transaction.atomic():
        failed = waiting.filter(key__startswith=SECRET).update(
            state=State.FAILED,
            settled_at=at,
            body="",
            html="",
            last_error=_("Rien ne part par mail ici : donnez une invitation imprimée."),
        )
        return failed + waiting.update(channel=Channel.PAPER)


def blank_messages(*, at: datetime | None = None) -> int:
    """Blank body and address of what was settled 30 days ago, and the secrets that left or will not; count them."""
    at = at or timezone.now()
    settled = Message.objects.filter(state__in=SETTLED).exclude(body="", html="", to="")
    count = settled.filter(settled_at__lt=at - READABLE_FOR).update(body="", html="", to="")
    left = settled.filter(
        key__startswith=SECRET, state__in=[State.ACCEPTED, State.DELIVERED, State.CANCELLED]
    ).exclude(body="", html="")
    return count + left.update(body="", html="")


# ---------- what a human does ----------


@transaction.atomic
def tell_message(message: Message, *, how: str, by: HasActor | Actor, at: datetime | None = None) -> Message:
    """Note that a message on paper was said to her, or posted."""
    at = at or timezone.now()
    message = _locked(message)
    if message.channel != Channel.PAPER:
        raise BusinessError(_("Ce message part par mail : il n’est pas à dire."))
    if message.state != State.QUEUED:
        raise Conflict(_("Ce message n’est plus à dire : quelqu’un s’en est occupé."))
    message.state, message.settled_at = State.DELIVERED, at
    message.told_by, message.told_how = str(actor_of(by)), Told(how)
    message.save(update_fields=["state", "settled_at", "told_by", "told_how"])
    _record(message, "message.tell", by, at)
    return message


@transaction.atomic
def untell_message(message: Message, *, by: HasActor | Actor, at: datetime | None = None) -> Message:
    """Put a message back on the paper list: it was ticked by mistake."""
    at = at or timezone.now()
    message = _locked(message)
    if message.channel != Channel.PAPER or not may_go(message.state, State.QUEUED):
        raise Conflict(_("Ce message est déjà à dire."))
    message.state, message.settled_at, message.told_by, message.told_how = State.QUEUED, None, "", ""
    message.save(update_fields=["state", "settled_at", "told_by", "told_how"])
    _record(message, "message.untell", by, at)
    return message


@transaction.atomic
def resend_message(message: Message, *, by: HasActor | Actor, at: datetime | None = None) -> Message:
    """Have a mail that failed, or may have failed, leave once more; the one who asks knows that it may arrive twice."""
    at = at or timezone.now()
    message = _locked(message)
    if message.state not in RESENDABLE:
        raise Conflict(_("Ce message n’est pas à renvoyer : son état a changé."))
    if not message.body and not message.html:
        raise BusinessError(_("Le texte de ce message est effacé : il ne peut plus partir."))
    message.state, message.settled_at, message.not_before = State.QUEUED, None, at
    message.attempts, message.last_error = 0, ""
    if current_route().kind == "paper":
        _turn_to_paper(message, at)
    message.save()
    _record(message, "message.resend", by, at)
    return message


@transaction.atomic
def cancel_message(message: Message, *, by: HasActor | Actor, at: datetime | None = None) -> Message:
    """Take one message back: it will neither leave nor be told."""
    at = at or timezone.now()
    message = _locked(message)
    if message.state not in CANCELLABLE:
        raise Conflict(_("Ce message ne peut plus être annulé : il est parti, ou en train de partir."))
    message.state, message.settled_at = State.CANCELLED, at
    if message.is_secret:
        message.body = message.html = ""
    message.save(update_fields=["state", "settled_at", "body", "html"])
    _record(message, "message.cancel", by, at)
    return message


def _locked(message: Message) -> Message:
    return Message.objects.select_for_update().get(pk=message.pk)


def _record(message: Message, verb: str, by: HasActor | Actor, at: datetime) -> None:
    record(
        actor_of(by),
        verb,
        at=at,
        place=message.place or NETWORK,
        thing=f"message:{message.uuid}",
        fields=("state",),
    )


# ---------- how mail leaves ----------


@transaction.atomic
def set_transport(
    *,
    kind: str,
    host: str = "",
    port: int = 587,
    security: str = "starttls",
    username: str = "",
    password: str = "",
    sender: str = "",
    by: HasActor | Actor,
    at: datetime | None = None,
) -> Transport:
    """Write down how mail leaves. A blank ``password`` keeps the one there is, while server and user name stay."""
    at = at or timezone.now()
    if kind == "smtp" and not host:
        raise BusinessError(_("Indiquez le serveur d’envoi."), field="host")
    kept = Transport.objects.select_for_update().filter(pk=1).first()
    values: dict[str, object] = {"kind": kind, "sender": sender}
    if kind == "smtp":
        values |= {"host": host, "port": port, "security": security, "username": username}
        is_same = kept is not None and (kept.host, kept.username) == (host, username)
        if password or not is_same:
            values["password"] = seal(password)
    before = {name: getattr(kept, name) for name in values} if kept else {}
    changed = [name for name in values if before.get(name) != values[name]]
    transport, _made = Transport.objects.update_or_create(pk=1, defaults={**values, "changed_at": at})
    if current_route().kind == "paper":
        move_mail_to_paper(at=at)
    record(actor_of(by), "transport.change", at=at, fields=changed)
    return transport
