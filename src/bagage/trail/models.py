"""The chained log. No foreign key leaves this app and no value enters it: nothing here has to be erased."""

from django.db import models
from django.db.models import Q

from bagage.trail.domain.chain import entry_hash

# The place of what concerns no node in particular.
NETWORK = "network"


class Segment(models.Model):
    """One site in one month: the unit that is chained, sealed and, in the end, dropped whole.

    ``place`` is the uuid of the organisation node concerned, or ``"network"``; ``month`` is ``"2026-11"``.
    ``last_seq`` and ``last_hash`` are those of its newest entry; the row is locked while one is added.
    """

    place = models.CharField(max_length=36)
    month = models.CharField(max_length=7)
    last_seq = models.PositiveIntegerField(default=0)
    last_hash = models.CharField(max_length=64, blank=True)
    sealed_at = models.DateTimeField(null=True, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["place", "month"], name="trail_segment_one_per_place_and_month"),
            models.CheckConstraint(
                condition=Q(dropped_at=None) | Q(sealed_at__isnull=False),
                name="trail_segment_dropped_when_sealed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place} {self.month}"


class Entry(models.Model):
    """One act or one reading. Append-only: the database refuses to change or delete it (see the migrations).

    ``fields`` names what changed, comma-separated, never the values; ``reason`` is what the user gave as one,
    from a closed list or in her words about the act (not about the person). ``is_reading`` is true when nothing was
    changed: someone looked.
    ``hash`` is the SHA-256 of ``previous`` and of this row, see :mod:`bagage.trail.domain.chain`.
    """

    segment = models.ForeignKey(Segment, on_delete=models.PROTECT, related_name="entries")
    seq = models.PositiveIntegerField()
    at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    verb = models.CharField(max_length=60)
    person = models.CharField(max_length=36, blank=True)
    thing = models.CharField(max_length=80, blank=True)
    fields = models.CharField(max_length=400, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    is_reading = models.BooleanField(default=False)
    previous = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["segment", "seq"], name="trail_entry_one_per_seq")]
        indexes = [
            models.Index(fields=["person", "-at"], name="trail_entry_person"),
            models.Index(fields=["actor", "-at"], name="trail_entry_actor"),
            models.Index(fields=["-at"], name="trail_entry_at"),
        ]

    def __str__(self) -> str:
        return f"{self.segment_id}#{self.seq} {self.verb}"

    def expected_hash(self, segment: Segment) -> str:
        """The hash that this row must have as a link of the chain of ``segment`` (its own, loaded already)."""
        return entry_hash(
            previous=self.previous,
            place=segment.place,
            month=segment.month,
            seq=self.seq,
            at=self.at,
            actor=self.actor,
            verb=self.verb,
            person=self.person,
            thing=self.thing,
            fields=self.fields,
            reason=self.reason,
            is_reading=self.is_reading,
        )
