"""Referrals, their steps, the questions back and forth, and the ways in without an account."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import Organisation, User
from bagage.common.models import PublicId
from bagage.people.models import ContactWay, Person
from bagage.permanences.models import Appointment, Site
from bagage.referrals.domain.lifecycle import LATE_AFTER, choices_of, is_late


class ReferralState(models.TextChoices):
    """Where a referral stands, as the referrer sees it; the ways between are in ``domain/lifecycle.py``."""

    SENT = "sent", _("Envoyée")
    RECEIVED = "received", _("Reçue")
    APPOINTMENT = "appointment", _("Rendez-vous")
    CAME = "came", _("Venue")
    UNDER_WAY = "under_way", _("En cours")
    LEFT_WITH = "left_with", _("Repartie avec")
    NOT_COME = "not_come", _("Pas venue")
    DECLINED = "declined", _("Refusée, avec la raison")
    WITHDRAWN = "withdrawn", _("Reprise par qui orientait")


WAITING_STATES = ["sent", "received"]
OPEN_STATES = ["sent", "received", "appointment", "came", "under_way", "not_come"]


class ReferralQuerySet(models.QuerySet["Referral"]):
    """Filters on referrals."""

    def sent_by(self, user: User) -> ReferralQuerySet:
        """Those of this account alone: a colleague's are not seen."""
        return self.filter(referrer=user)

    def to_answer_by(self, user: User) -> ReferralQuerySet:
        """Those sent to a permanence where a role of hers answers referrals."""
        return self.filter(site__organisation_id__in=user.node_ids(Ability.RECEIVE))

    def waiting(self) -> ReferralQuerySet:
        """Those that nobody has answered: no person behind, no appointment, no refusal."""
        return self.filter(state__in=WAITING_STATES, answered_at=None)

    def late(self, now: datetime) -> ReferralQuerySet:
        """Those that have waited over two days."""
        return self.waiting().filter(sent_at__lt=now - LATE_AFTER)


class Referral(PublicId):
    """What a referrer wrote of one person, once; kept as it was written.

    ``person`` is filled when the permanence opens a file or says whose it is. ``code`` is on the slip and becomes a
    code of her card. ``key`` comes from the form: sending twice makes one. Who referred is a ``user``, or someone
    without an account: ``referrer_name`` and ``referrer_email`` confirmed by a code.
    """

    key = models.CharField(max_length=64, unique=True)
    code = models.CharField(max_length=8, unique=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="referrals")
    referrer = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="referrals"
    )
    referrer_name = models.CharField(max_length=120)
    referrer_title = models.CharField(max_length=80, blank=True)
    referrer_email = models.EmailField(blank=True)
    # The organisation's link by which it came, for who has no account.
    link = models.ForeignKey(
        "referrals.OrganisationLink",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="referrals",
    )
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="referrals")
    person = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="referrals"
    )

    chosen_name = models.CharField(max_length=80)
    family_name = models.CharField(max_length=80, blank=True)
    needs_device = models.BooleanField(default=False)
    needs_connection = models.BooleanField(default=False)
    needs_skills = models.BooleanField(default=False)
    words = models.TextField(blank=True)
    reach = models.CharField(max_length=10, choices=ContactWay.Kind)
    phone = models.CharField(max_length=20, blank=True)
    is_phone_shared = models.BooleanField(default=False)
    where = models.CharField(max_length=160, blank=True)
    commune_code = models.CharField(max_length=5, blank=True)
    languages = models.CharField(max_length=120, blank=True)
    # The obstacles that were ticked, comma-separated values of people.Obstacle: each means "she has not".
    obstacles = models.CharField(max_length=120, blank=True)
    has_agreed = models.BooleanField()

    state = models.CharField(max_length=12, choices=ReferralState, default=ReferralState.SENT)
    state_at = models.DateTimeField()
    sent_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    appointment = models.ForeignKey(
        Appointment, null=True, blank=True, on_delete=models.SET_NULL, related_name="referrals"
    )
    declined_reason = models.CharField(max_length=300, blank=True)
    # Which of the links that follow it is good: "this link is not for me" ends it, a new one has the next number.
    link_number = models.PositiveSmallIntegerField(default=1)
    link_given_back_at = models.DateTimeField(null=True, blank=True)

    objects = ReferralQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(has_agreed=True), name="referrals_referral_agreed"),
            models.CheckConstraint(
                condition=Q(needs_device=True) | Q(needs_connection=True) | Q(needs_skills=True),
                name="referrals_referral_asks",
            ),
            models.CheckConstraint(
                condition=~Q(state="declined") | ~Q(declined_reason=""),
                name="referrals_referral_declined_why",
            ),
            models.CheckConstraint(
                condition=Q(state__in=ReferralState.values), name="referrals_referral_known_state"
            ),
            models.CheckConstraint(
                condition=Q(referrer__isnull=False) | ~Q(referrer_email=""),
                name="referrals_referral_someone_hears",
            ),
        ]
        indexes = [
            # All that the list of a permanence is sorted by: it is sorted in the index, whatever the number.
            models.Index(fields=["site", "state", "sent_at", "answered_at"], name="referrals_site_state"),
            models.Index(fields=["referrer", "-sent_at"], name="referrals_by_referrer"),
            # The newest of a network.
            models.Index(fields=["-sent_at", "-id"], name="referrals_newest"),
        ]

    def __str__(self) -> str:
        return str(self.uuid)

    @property
    def short_name(self) -> str:
        """For lists that others may see over a shoulder: "Fanta D."."""
        return f"{self.chosen_name} {self.family_name[:1]}.".strip(" .") + ("." if self.family_name else "")

    @property
    def obstacle_list(self) -> list[str]:
        """The ticked obstacles."""
        return [value for value in self.obstacles.split(",") if value]

    @property
    def needs(self) -> list[str]:
        """The pockets that she asks for, in the order of the bag."""
        asked = {
            "device": self.needs_device,
            "connection": self.needs_connection,
            "skills": self.needs_skills,
        }
        return [pocket for pocket, is_asked in asked.items() if is_asked]

    @property
    def is_closed(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state not in OPEN_STATES

    @property
    def is_waiting(self) -> bool:
        """Whether nobody has answered it."""
        return self.state in WAITING_STATES and self.answered_at is None

    def is_late(self, now: datetime) -> bool:
        """Whether nobody has answered it for over two days."""
        return is_late(self.state, self.sent_at, self.answered_at, now)


class ReferralStep(models.Model):
    """A state that a referral reached, and when: what the referrer's line of steps shows."""

    referral = models.ForeignKey(Referral, on_delete=models.CASCADE, related_name="steps")
    state = models.CharField(max_length=12, choices=ReferralState)
    at = models.DateTimeField()
    # One line of plain words, only what was agreed ("avec un téléphone").
    words = models.CharField(max_length=200, blank=True)
    by = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.state}"


class ReferralMessage(PublicId):
    """A question or an answer between the permanence and who referred. The person may read it."""

    referral = models.ForeignKey(Referral, on_delete=models.CASCADE, related_name="messages")
    is_from_referrer = models.BooleanField()
    author = models.CharField(max_length=120)
    text = models.CharField(max_length=600)
    asks = models.BooleanField(default=False)
    # Answers proposed as buttons, one a line.
    choices = models.CharField(max_length=300, blank=True)
    answers = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="answer"
    )
    key = models.CharField(max_length=64, unique=True)
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["written_at", "id"]

    def __str__(self) -> str:
        return str(self.uuid)

    @property
    def choice_list(self) -> list[str]:
        """The proposed answers."""
        return choices_of(self.choices)


class OrganisationLink(PublicId):
    """The link of a referring organisation: whoever holds it and confirms a work e-mail refers without an account."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="referral_links")
    secret_hash = models.CharField(max_length=64, unique=True)
    # The domains whose addresses are taken, comma-separated; empty takes any.
    email_domains = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.uuid)

    @property
    def domain_list(self) -> list[str]:
        """The domains whose addresses are taken; empty takes any."""
        return [part for part in self.email_domains.split(",") if part]


class EmailConfirmation(PublicId):
    """A code sent to a work e-mail; five wrong tries end it, ten minutes too."""

    link = models.ForeignKey(OrganisationLink, on_delete=models.CASCADE, related_name="confirmations")
    email = models.EmailField()
    # How she signs her referrals ("Mme Aubry") and what she does there.
    name = models.CharField(max_length=120)
    title = models.CharField(max_length=80, blank=True)
    code_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    confirmed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.uuid)
