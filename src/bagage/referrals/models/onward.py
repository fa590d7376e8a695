"""Orientations onward: to a library, an association, a public service around; and what became of each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bagage.accounts.models import Organisation
from bagage.common.models import PublicId
from bagage.directory.models import Service, Structure
from bagage.journeys.models import Request
from bagage.people.models import Person
from bagage.referrals.domain import onward_lifecycle as rules


class OnwardState(models.TextChoices):
    """Where an orientation onward stands; the ways between are in ``domain/onward_lifecycle.py``."""

    PREPARED = rules.PREPARED, _("Papier donné")
    SENT = rules.SENT, _("Le lieu est prévenu")
    ARRIVED = rules.ARRIVED, _("Arrivée")
    NOT_COME = rules.NOT_COME, _("Pas venue")
    PLACE_CANNOT = rules.PLACE_CANNOT, _("Le lieu ne peut pas")
    CALLED_OFF = rules.CALLED_OFF, _("Reprise")


WAITING_STATES = [OnwardState.PREPARED, OnwardState.SENT]


class OnwardQuerySet(models.QuerySet["Onward"]):
    """Filters on orientations onward."""

    def of_persons(self, person_ids: Iterable[int]) -> OnwardQuerySet:
        """Those of these files."""
        return self.filter(person_id__in=list(person_ids))

    def waiting(self) -> OnwardQuerySet:
        """Those that nobody has answered."""
        return self.filter(state__in=WAITING_STATES)

    def to_remind(self, now: datetime, days: int) -> OnwardQuerySet:
        """Told by mail ``days`` ago at least, never reminded, without an answer."""
        return self.filter(
            state=OnwardState.SENT,
            by_way=rules.EMAIL,
            reminded_at=None,
            asked_at__lte=now - timedelta(days=days),
        )

    def to_call(self, long_ago: datetime) -> OnwardQuerySet:
        """Silent since then, reminded or with no mail to be reminded by: see :func:`onward_lifecycle.silence`."""
        return self.waiting().filter(
            (~Q(by_way=rules.EMAIL) & Q(reminded_at=None)) | Q(reminded_at__lte=long_ago),
            # Whoever waits was not answered: said for the index.
            answered_at=None,
            asked_at__lte=long_ago,
        )

    def to_think_again(self) -> OnwardQuerySet:
        """Answered by the place with "she did not come" or "we cannot", and nobody has seen to it yet."""
        return self.filter(
            state__in=[OnwardState.NOT_COME, OnwardState.PLACE_CANNOT],
            answered_by_place=True,
            seen_at=None,
        )


class Onward(PublicId):
    """She is sent on to a place that can take her further; what was said to it is kept as it was written.

    ``agreement`` is what she said: said or signed, or refused, and then only a paper that she carries exists.
    ``shares`` are the ticks of what the place may know. ``letter`` is what left, or what was to be said by phone, word
    for word, without the link. ``code`` is on her paper and in the letter, so that a place that knows no name can
    answer. ``asked_at`` is when the place was last told, or the paper given; ``despite`` the earlier one for the same
    need.
    """

    class Way(models.TextChoices):
        """How the place learns of it."""

        EMAIL = rules.EMAIL, _("Mail au lieu")
        PHONE = rules.PHONE, _("Appel au lieu")
        PAPER = rules.PAPER, _("Papier qu’elle emporte")

    class Agreement(models.TextChoices):
        """What she said of it."""

        SPOKEN = "spoken", _("Elle est d’accord, elle l’a dit")
        SIGNED = "signed", _("Elle est d’accord, elle a signé")
        REFUSED = rules.REFUSED, _("Elle ne veut pas que nous écrivions")

    key = models.CharField(max_length=64, unique=True)
    code = models.CharField(max_length=8, unique=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="onwards")
    node = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="onwards")
    structure = models.ForeignKey(Structure, on_delete=models.PROTECT, related_name="onwards")
    # A need of bagage.directory.domain.needs.
    need = models.CharField(max_length=20)
    request = models.ForeignKey(
        Request, null=True, blank=True, on_delete=models.SET_NULL, related_name="onwards"
    )
    reason = models.CharField(max_length=300)
    agreement = models.CharField(max_length=8, choices=Agreement)
    shares = models.CharField(max_length=80, blank=True)
    by_way = models.CharField(max_length=8, choices=Way)
    email = models.EmailField(blank=True)
    letter = models.TextField(blank=True)
    state = models.CharField(max_length=12, choices=OnwardState)
    state_at = models.DateTimeField()
    created_at = models.DateTimeField()
    asked_at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by_place = models.BooleanField(default=False)
    answer_words = models.CharField(max_length=200, blank=True)
    arrived_on = models.DateField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    despite = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="later_ones"
    )
    despite_reason = models.CharField(max_length=200, blank=True)
    written_by = models.CharField(max_length=120, blank=True)
    # Which of the links of the place is good: telling it again makes the next one.
    link_number = models.PositiveSmallIntegerField(default=1)

    objects = OnwardQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=OnwardState.values), name="referrals_onward_known_state"
            ),
            models.CheckConstraint(
                condition=Q(by_way__in=["email", "phone", "paper"]), name="referrals_onward_known_way"
            ),
            models.CheckConstraint(
                condition=Q(agreement__in=["spoken", "signed"])
                | Q(agreement="refused", by_way="paper", shares="", letter=""),
                name="referrals_onward_refused_is_paper",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="referrals_onward_has_a_reason"),
            models.CheckConstraint(
                condition=~Q(by_way="email") | ~Q(email=""), name="referrals_onward_mail_has_an_address"
            ),
            models.CheckConstraint(
                condition=Q(state="arrived", arrived_on__isnull=False)
                | (~Q(state="arrived") & Q(arrived_on=None)),
                name="referrals_onward_arrived_on_a_day",
            ),
            models.CheckConstraint(
                condition=~Q(state="place_cannot") | ~Q(answer_words=""),
                name="referrals_onward_cannot_says_why",
            ),
            models.CheckConstraint(
                condition=Q(despite=None) | ~Q(despite_reason=""), name="referrals_onward_despite_says_why"
            ),
            models.UniqueConstraint(
                fields=["person", "structure", "need"],
                condition=Q(state__in=["prepared", "sent"]),
                name="referrals_onward_one_waiting",
            ),
        ]
        indexes = [
            models.Index(fields=["node", "-created_at"], name="referrals_onward_list"),
            models.Index(fields=["created_at", "id"], name="referrals_onward_newest"),
            models.Index(
                fields=["asked_at"],
                condition=Q(state__in=["prepared", "sent"]),
                name="referrals_onward_waiting",
            ),
            # What Today asks of a site, among all that it ever sent on. SQLite takes a partial index only where the
            # question says its condition without a value of its own.
            models.Index(
                fields=["node", "asked_at"],
                condition=Q(answered_at__isnull=True),
                name="referrals_onward_silent",
            ),
            models.Index(
                fields=["node", "answered_at"],
                condition=Q(answered_by_place=True, seen_at__isnull=True),
                name="referrals_onward_again",
            ),
            models.Index(fields=["person", "need"], name="referrals_onward_person"),
            models.Index(fields=["structure", "answered_at"], name="referrals_onward_structure"),
        ]

    def __str__(self) -> str:
        return str(self.uuid)

    @property
    def need_label(self) -> str:
        """What she goes there for: "Utiliser un ordinateur sur place"."""
        return str(Service.NeedChoice(self.need).label)

    @property
    def share_list(self) -> list[str]:
        """The ticks, in the order of the page."""
        return [value for value in self.shares.split(",") if value]

    @property
    def is_refused(self) -> bool:
        """Whether she carries a paper and nothing else was written."""
        return self.agreement == self.Agreement.REFUSED

    @property
    def is_waiting(self) -> bool:
        """Whether nobody has answered it."""
        return self.state in WAITING_STATES

    def may_go(self, to: str) -> bool:
        """Whether the table leads there."""
        return rules.may_go(self.state, to)

    def silence(self, now: datetime, days: int) -> rules.Silence:
        """What to do with a place that does not answer."""
        return rules.silence(self.state, self.by_way, self.asked_at, self.reminded_at, now, days=days)


class OnwardStep(models.Model):
    """Something that happened to it: a state it reached, a reminder, a letter sent again. Never edited."""

    class Kind(models.TextChoices):
        """What happened."""

        PREPARED = rules.PREPARED, _("Papier donné")
        SENT = rules.SENT, _("Lieu prévenu")
        SENT_AGAIN = "sent_again", _("Lieu prévenu à nouveau")
        REMINDED = "reminded", _("Lieu relancé")
        ARRIVED = rules.ARRIVED, _("Arrivée")
        NOT_COME = rules.NOT_COME, _("Pas venue")
        PLACE_CANNOT = rules.PLACE_CANNOT, _("Le lieu ne peut pas")
        CALLED_OFF = rules.CALLED_OFF, _("Reprise")

    onward = models.ForeignKey(Onward, on_delete=models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=12, choices=Kind)
    at = models.DateTimeField()
    on = models.DateField(null=True, blank=True)
    words = models.CharField(max_length=200, blank=True)
    by = models.CharField(max_length=120, blank=True)
    is_from_place = models.BooleanField(default=False)
    key = models.CharField(max_length=64, null=True, blank=True, unique=True)

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "prepared",
                        "sent",
                        "sent_again",
                        "reminded",
                        "arrived",
                        "not_come",
                        "place_cannot",
                        "called_off",
                    ]
                ),
                name="referrals_onwardstep_known_kind",
            )
        ]

    def __str__(self) -> str:
        return self.kind
