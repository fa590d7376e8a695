"""What people know better than a source: corrections, what a place says of itself, rows that speak of one place."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bagage.accounts.models import User
from bagage.common.models import PublicId
from bagage.directory.models.places import Structure


class Proposal(PublicId):
    """What a place says of itself by its signed link: a local officer accepts it, in whole or in part, or not.

    ``values`` are the fields of :class:`~bagage.directory.models.Structure` that it would change (``services``: a list
    of needs), ``was`` what it was shown. ``signed_by`` is who writes. ``key`` makes sending twice once.
    """

    class State(models.TextChoices):
        """Where it stands."""

        WAITING = "waiting", _("à relire")
        ACCEPTED = "accepted", _("acceptée")
        REFUSED = "refused", _("refusée")

    structure = models.ForeignKey(Structure, on_delete=models.CASCADE, related_name="proposals")
    values = models.JSONField(default=dict)
    was = models.JSONField(default=dict)
    words = models.TextField(blank=True)
    signed_by = models.CharField(max_length=120, blank=True)
    key = models.UUIDField(unique=True)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    created_at = models.DateTimeField()
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="waiting", reviewed_at=None)
                | Q(state__in=["accepted", "refused"], reviewed_at__isnull=False),
                name="directory_proposal_known_state",
            ),
        ]
        indexes = [
            models.Index(
                fields=["created_at"], condition=Q(state="waiting"), name="directory_proposal_waiting"
            )
        ]

    def __str__(self) -> str:
        return f"{self.structure_id} {self.state}"


class LinksEnded(PublicId):
    """The links by which a place kept its record were taken back: those of a lower ``serial`` open nothing.

    A place without a row gives links of serial 0, as do links from before there were serials.
    """

    structure = models.OneToOneField(Structure, on_delete=models.CASCADE, related_name="links_ended")
    serial = models.PositiveIntegerField()
    ended_at = models.DateTimeField()
    ended_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(serial__gte=1), name="directory_links_ended_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.structure_id} {self.serial}"


class Correction(PublicId):
    """A field of a place that someone here knows better: it holds over what the source says, until it is ended.

    ``field`` is a field of the structure, or ``services`` (the needs answered), or ``closed_until`` (a day).
    ``source_value`` is what the source says now: each reading renews it, so that one sees when both agree.
    """

    structure = models.ForeignKey(Structure, on_delete=models.CASCADE, related_name="corrections")
    field = models.CharField(max_length=32)
    value = models.JSONField()
    source_value = models.JSONField(null=True, blank=True)
    proposal = models.ForeignKey(
        Proposal, null=True, blank=True, on_delete=models.SET_NULL, related_name="corrections"
    )
    written_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["structure", "field"],
                condition=Q(ended_at=None),
                name="directory_correction_once_a_field",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.structure_id} {self.field}"


class LikelySame(PublicId):
    """Two rows that may speak of one place: proposed with reasons, decided by someone, taken back as easily.

    ``SAME`` is told by the pointer :attr:`Structure.same_as`; ``APART`` says that they are two, so that nobody is
    asked again.
    """

    class State(models.TextChoices):
        """What was decided."""

        PROPOSED = "proposed", _("à décider")
        SAME = "same", _("le même lieu")
        APART = "apart", _("deux lieux")

    first = models.ForeignKey(Structure, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Structure, on_delete=models.CASCADE, related_name="+")
    score = models.FloatField()
    reasons = models.JSONField(default=list)
    state = models.CharField(max_length=8, choices=State, default=State.PROPOSED)
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="directory_likely_same_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="directory_likely_same_in_order"),
            models.CheckConstraint(
                condition=Q(state__in=["proposed", "same", "apart"]), name="directory_likely_same_known_state"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} {self.second_id}"
