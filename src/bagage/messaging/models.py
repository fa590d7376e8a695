"""Messages that wait, left, or could not leave."""

from collections.abc import Iterable
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bagage.common.models import PublicId

SECRET = "secret:"


class Channel(models.TextChoices):
    """How a message reaches someone. SMS comes with its gateway; until then those messages are told on paper."""

    EMAIL = "email", _("Mail")
    PAPER = "paper", _("À dire ou à poster")


class State(models.TextChoices):
    """Where a message stands. "Accepted" is not "delivered"; "uncertain" is when we cannot know whether it left."""

    QUEUED = "queued", _("En attente")
    SENDING = "sending", _("En train de partir")
    ACCEPTED = "accepted", _("Accepté par le serveur")
    DELIVERED = "delivered", _("Remis")
    FAILED = "failed", _("Pas parti")
    UNCERTAIN = "uncertain", _("Peut-être parti")
    CANCELLED = "cancelled", _("Annulé")


class Told(models.TextChoices):
    """How a message on paper reached someone."""

    SAID = "said", _("Dit")
    POSTED = "posted", _("Posté")


class MessageQuerySet(models.QuerySet["Message"]):
    """Filters on messages."""

    def due(self, now: datetime) -> "MessageQuerySet":
        """Mails that wait and may leave by now, the longest waiting first."""
        return self.filter(state=State.QUEUED, channel=Channel.EMAIL, not_before__lte=now).order_by(
            "not_before", "pk"
        )

    def at_places(self, places: Iterable[str]) -> "MessageQuerySet":
        """Those that the staff of these nodes (uuids) tell; ``""`` stands for messages of no node."""
        return self.filter(place__in=list(places))


class Message(PublicId):
    """One message to one address, sent at most once.

    ``key`` makes a message unique for what it tells ("referral:<uuid>:received"): writing it twice keeps one.
    ``about`` is the opaque ``kind:uuid`` of what it speaks of; ``place`` the uuid of the node that tells it,
    whose staff find it on the paper list. ``to`` is an address, or for paper the words that say who is told.
    Under a key that begins with ``"secret:"`` the body holds a link or code that signs someone in: it is never shown
    on paper, and blanked once the message left. Of other messages, body and address are blanked 30 days after they
    are settled.
    """

    channel = models.CharField(max_length=10, choices=Channel)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    key = models.CharField(max_length=160, unique=True)
    place = models.CharField(max_length=36, blank=True)
    about = models.CharField(max_length=80, blank=True)
    to = models.CharField(max_length=254)
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField()
    html = models.TextField(blank=True)
    not_before = models.DateTimeField()
    created_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    claimed_by = models.CharField(max_length=60, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    told_by = models.CharField(max_length=80, blank=True)
    told_how = models.CharField(max_length=10, choices=Told, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="messaging_message_known_state"),
            models.CheckConstraint(
                condition=Q(channel__in=Channel.values), name="messaging_message_known_channel"
            ),
        ]
        indexes = [
            models.Index(fields=["not_before"], condition=Q(state="queued"), name="messaging_queued"),
            models.Index(fields=["place", "state"], name="messaging_place_state"),
            models.Index(fields=["about"], name="messaging_about"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.key}"

    @property
    def is_secret(self) -> bool:
        """Whether its body lets someone in."""
        return self.key.startswith(SECRET)


class Transport(models.Model):
    """How e-mail leaves this installation: one row, written by the first start or the settings page.

    ``kind`` is ``smtp``, ``console`` (printed in the log, for trying) or ``paper`` (nothing is sent; all is
    told in person or by post). ``BAGAGE_MAIL_URL`` in the environment wins over it.
    """

    KINDS = [
        ("smtp", _("Par mail")),
        ("paper", _("Sur papier seulement")),
        ("console", _("Dans le journal du serveur, pour essayer")),
    ]
    SECURITIES = [("starttls", _("STARTTLS")), ("tls", _("TLS")), ("none", _("aucun"))]

    kind = models.CharField(max_length=10, choices=KINDS, default="paper")
    host = models.CharField(max_length=200, blank=True)
    port = models.PositiveIntegerField(default=587)
    security = models.CharField(max_length=10, choices=SECURITIES, default="starttls")
    username = models.CharField(max_length=200, blank=True)
    # Sealed with the secret key of the installation, so that a copy of the database does not tell it.
    password = models.CharField(max_length=600, blank=True)
    sender = models.CharField(max_length=200, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="messaging_transport_one_row")]

    def __str__(self) -> str:
        return self.kind
