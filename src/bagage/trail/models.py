"""The chained log; the ids of those who were erased; the rules of the house on privacy.

No foreign key leaves this app and no value enters the log: nothing here has to be erased.
"""

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


class ErasedPerson(models.Model):
    """The opaque id of someone who was erased: what comes back with an old back-up is erased again by it.

    The same line stands in the file ``erased.jsonl`` of the home, which outlives any back-up.
    """

    uuid = models.UUIDField(unique=True)
    erased_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.uuid)


class PrivacyRules(models.Model):
    """How long files are kept, and from when on reading is out of the ordinary: one row, examples until confirmed.

    ``months`` after the last contact a file is erased: by itself every day when ``runs_by_itself``, else someone looks
    at the preview and says so. Reading is listed as unusual from ``files_a_day`` files by one account in a day, outside
    ``day_begins`` to ``day_ends`` (hours, local time), on a Sunday, and from ``elsewhere_a_month`` files of other sites
    in 31 days.
    ``shorter`` gives purposes (``Processing.name``) whose notes and messages go earlier than the file, so many months
    after each was written; the rows stay, and the file with them.
    Source of the 24 months: CNIL, deliberation 2023-095 of 14 September 2023.
    """

    months = models.PositiveSmallIntegerField(default=24)
    shorter = models.JSONField(default=dict, blank=True)
    runs_by_itself = models.BooleanField(default=False)
    files_a_day = models.PositiveSmallIntegerField(default=40)
    elsewhere_a_month = models.PositiveSmallIntegerField(default=5)
    day_begins = models.PositiveSmallIntegerField(default=7)
    day_ends = models.PositiveSmallIntegerField(default=20)
    is_example = models.BooleanField(default=True)
    changed_by = models.CharField(max_length=120, blank=True)
    changed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="trail_privacyrules_one_row"),
            models.CheckConstraint(condition=Q(months__range=(1, 120)), name="trail_privacyrules_months"),
            models.CheckConstraint(
                condition=Q(day_begins__lt=models.F("day_ends"), day_ends__lte=24),
                name="trail_privacyrules_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.months} months"
