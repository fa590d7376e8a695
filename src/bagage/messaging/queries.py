"""The paper list, the outbox, and how mail leaves."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.models import QuerySet

from bagage.messaging.domain.transport import MailRoute, read_mail_url
from bagage.messaging.models import Channel, Message, State, Transport
from bagage.messaging.vault import unseal

# For so long a message that was told stays in sight, to be undone.
TOLD_IN_SIGHT = timedelta(hours=24)


def paper_list(places: Iterable[str], *, now: datetime) -> "QuerySet[Message]":
    """What has to be told or posted by the staff of these nodes (uuids as text; ``""``: of none), the oldest first."""
    return (
        Message.objects.at_places(places)
        .filter(channel=Channel.PAPER, state=State.QUEUED, not_before__lte=now)
        .order_by("place", "not_before", "pk")
    )


def told_lately(places: Iterable[str], *, now: datetime) -> "QuerySet[Message]":
    """What was told or posted in the last 24 hours, the latest first."""
    return (
        Message.objects.at_places(places)
        .filter(channel=Channel.PAPER, state=State.DELIVERED, settled_at__gt=now - TOLD_IN_SIGHT)
        .order_by("-settled_at", "-pk")
    )


def outbox(places: Iterable[str] | None) -> "QuerySet[Message]":
    """All messages of these nodes, or of the whole installation for None, newest first."""
    found = Message.objects.all() if places is None else Message.objects.at_places(places)
    return found.order_by("-created_at", "-pk")


def route_from_environment() -> MailRoute | None:
    """How mail leaves as ``BAGAGE_MAIL_URL`` says; None when it says nothing."""
    if not settings.BAGAGE_MAIL_URL:
        return None
    try:
        return read_mail_url(settings.BAGAGE_MAIL_URL)
    except ValueError as error:
        raise ImproperlyConfigured(str(error)) from error


def kept_transport() -> Transport | None:
    """What the first start or the settings page wrote down."""
    return Transport.objects.filter(pk=1).first()


def current_route() -> MailRoute:
    """How mail leaves now: the environment wins, then what was written down; on paper while nothing is known."""
    route = route_from_environment()
    if route is not None:
        return route
    kept = kept_transport()
    if kept is None:
        return MailRoute("paper")
    return MailRoute(
        kept.kind,
        host=kept.host,
        port=kept.port,
        security=kept.security,
        username=kept.username,
        # A password that can't be read any more (another secret key) is as good as none: the server will say so.
        password=unseal(kept.password) or "",
        sender=kept.sender,
    )
