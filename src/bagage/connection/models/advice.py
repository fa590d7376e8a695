"""Advice that was kept, what was chosen, later bills; the figures and texts that the house may change.

Money is whole cents. An advice is a photograph: its answer and the names in it stand as they were on the day, whatever
becomes of the catalogue.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bagage.accounts.models import User
from bagage.common.models import PublicId
from bagage.people.models import Person


class Advice(PublicId):
    """What was advised to her on that day, from what she said, and what she chose.

    ``said`` is the form as it was filled (how often she calls, what was read on a bill), ``asked`` the question that
    the engine answered (``person`` of ``connection.md``), ``answer`` its answer, ``programme`` the lines that the
    answer speaks of, as programme files write them.
    """

    class Choice(models.TextChoices):
        """What she chose among what was found; nothing is a choice that waits."""

        WAITS = "", _("pas encore choisi")
        FEWEST = "fewest", _("peu d’achats")
        BEST = "best", _("le moins cher")
        LINE = "line", _("une autre ligne")
        KEEP = "keep", _("garder ce qui est là")

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="connection_advices")
    said = models.JSONField(default=dict)
    asked = models.JSONField(default=dict)
    answer = models.JSONField(default=dict)
    programme = models.JSONField(default=dict)
    # The press of the button: pressing twice keeps one advice.
    key = models.CharField(max_length=40, unique=True)
    advised_on = models.DateField()
    kept_at = models.DateTimeField()
    kept_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    written_by = models.CharField(max_length=120, blank=True)
    choice = models.CharField(max_length=6, choices=Choice, blank=True, default=Choice.WAITS)
    chosen_line = models.CharField(max_length=80, blank=True)
    chosen_total = models.PositiveIntegerField(null=True, blank=True)
    chosen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["person", "-kept_at"], name="connection_advice_newest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(choice="", chosen_at=None) | (~Q(choice="") & Q(chosen_at__isnull=False)),
                name="connection_advice_choice_dated",
            ),
            models.CheckConstraint(
                condition=Q(choice__in=["", "fewest", "best", "line", "keep"]),
                name="connection_advice_choice",
            ),
        ]

    def __str__(self) -> str:
        return str(self.uuid)

    @property
    def horizon_days(self) -> int:
        """Over how many days it was computed."""
        return int(self.asked.get("horizon_days") or 90)


class Bill(PublicId):
    """What she really paid, from a day to a day: a bill, or top-ups that she bought. Compared with an advice."""

    class Kind(models.TextChoices):
        """Where the figure comes from."""

        BILL = "bill", _("une facture")
        TOP_UPS = "top_ups", _("des recharges")

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="connection_bills")
    advice = models.ForeignKey(Advice, null=True, blank=True, on_delete=models.CASCADE, related_name="bills")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.BILL)
    paid = models.PositiveIntegerField()  # cents
    first_day = models.DateField()
    last_day = models.DateField()
    note = models.CharField(max_length=200, blank=True)
    key = models.CharField(max_length=40, unique=True)
    recorded_at = models.DateTimeField()
    written_by = models.CharField(max_length=120, blank=True)

    class Meta:
        indexes = [models.Index(fields=["person", "first_day"], name="connection_bill_person")]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=models.F("first_day")), name="connection_bill_dates"
            ),
            models.CheckConstraint(condition=Q(kind__in=["bill", "top_ups"]), name="connection_bill_kind"),
        ]

    def __str__(self) -> str:
        return str(self.uuid)

    @property
    def days(self) -> int:
        """How many days it covers, both ends included."""
        return (self.last_day - self.first_day).days + 1


class UsageFigure(models.Model):
    """How much one use takes each time, when the house has set it right; absent, the usual figure holds."""

    use = models.CharField(max_length=20, unique=True)
    figure = models.PositiveIntegerField()
    source = models.CharField(max_length=200, blank=True)
    changed_at = models.DateTimeField()
    written_by = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(figure__gt=0), name="connection_usage_figure_above_zero")
        ]

    def __str__(self) -> str:
        return self.use


class LiftingText(models.Model):
    """How one obstacle is lifted, in the words of the house; absent, the text that comes with Bagage holds.

    ``is_example`` until someone has checked it against a source: the screen and the paper say so.
    """

    condition = models.CharField(max_length=24, unique=True)
    summary = models.CharField(max_length=200)
    steps = models.TextField(blank=True)
    link = models.URLField(max_length=300, blank=True)
    letter_title = models.CharField(max_length=160, blank=True)
    letter_to = models.TextField(blank=True)
    letter_body = models.TextField(blank=True)
    is_example = models.BooleanField(default=True)
    changed_at = models.DateTimeField()
    written_by = models.CharField(max_length=120, blank=True)

    def __str__(self) -> str:
        return self.condition
