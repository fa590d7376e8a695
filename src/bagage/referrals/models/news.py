"""What whoever referred is told beside the states of a referral: one line of plain words for one act."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bagage.referrals.models.referrals import Referral


class ReferralNews(models.Model):
    """One thing that happened to her and that she agreed to have told; ``source`` names the act, told once.

    ``taken_back_at``: the act was undone. Nothing of what she buys, says or can do is ever written here.
    """

    class Kind(models.TextChoices):
        """What happened."""

        DEVICE = "device", _("Appareil remis")
        LINE = "line", _("Ligne ouverte")
        RIGHT = "right", _("Droit ouvert")
        RENEWED = "renewed", _("Droit renouvelé")
        SESSION = "session", _("Venue à une séance")
        ONWARD = "onward", _("Arrivée ailleurs")

    referral = models.ForeignKey(Referral, on_delete=models.CASCADE, related_name="news")
    kind = models.CharField(max_length=8, choices=Kind)
    source = models.CharField(max_length=80)
    words = models.CharField(max_length=200)
    at = models.DateTimeField()
    # How often it was told: an act undone and done again is told again.
    times = models.PositiveSmallIntegerField(default=1)
    taken_back_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["referral", "source"], name="referrals_news_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["device", "line", "right", "renewed", "session", "onward"]),
                name="referrals_news_known_kind",
            ),
            models.CheckConstraint(condition=~Q(words=""), name="referrals_news_says_something"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.source}"
