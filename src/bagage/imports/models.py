"""Files that came in: the batch, its rows as they stood, and the mapping of columns kept for the next file."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.db.models import Q

from bagage.accounts.models import Organisation, User
from bagage.common.models import PublicId
from bagage.imports.domain.lifecycle import BatchState, RowState


class Mapping(PublicId):
    """Which column becomes what, for files with the same headings.

    ``fingerprint`` is the SHA-256 of the kind and the folded headings in their order; ``columns`` gives the name of
    the field for each of them (``""``: left aside). Headings only: no value of a person is kept here.
    """

    kind = models.CharField(max_length=30)
    fingerprint = models.CharField(max_length=64)
    headings = models.JSONField(default=list)
    columns = models.JSONField(default=list)
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "fingerprint"], name="imports_mapping_once"),
        ]

    def __str__(self) -> str:
        return str(self.uuid)


class BatchQuerySet(models.QuerySet["Batch"]):
    """Filters on batches."""

    def at_nodes(self, node_ids: Iterable[int]) -> BatchQuerySet:
        """Those that bring something to one of these nodes."""
        return self.filter(node_id__in=list(node_ids))


class Batch(PublicId):
    """One file that came in, from its reading to its undoing.

    ``columns`` has one entry for each column: ``{"heading", "field", "why", "order", "values", "facts"}``; ``options``
    what was chosen for the whole file: ``source`` of its identifiers, and ``on_alike``, what becomes of a row like
    someone known (``wait`` for a decision, or ``create``). How many rows stand where is counted, never stored.
    """

    kind = models.CharField(max_length=30)
    node = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="batches")
    state = models.CharField(max_length=10, default=BatchState.CHECKING)
    file_name = models.CharField(max_length=160)
    sheet = models.CharField(max_length=80, blank=True)
    other_sheets = models.JSONField(default=list)
    encoding = models.CharField(max_length=20, blank=True)
    digest = models.CharField(max_length=64)
    columns = models.JSONField(default=list)
    options = models.JSONField(default=dict)
    read_at = models.DateTimeField()
    read_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    checked_at = models.DateTimeField(null=True, blank=True)
    written_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    # The last time that some of its rows moved on: tells a batch that was left in its middle.
    moved_at = models.DateTimeField()
    emptied_at = models.DateTimeField(null=True, blank=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in BatchState]), name="imports_batch_state"
            ),
            models.CheckConstraint(
                condition=~Q(state="undone") | Q(undone_at__isnull=False), name="imports_batch_undone_on"
            ),
        ]
        indexes = [
            models.Index(fields=["-read_at"], name="imports_batch_newest"),
            models.Index(
                fields=["state", "moved_at"],
                condition=Q(state__in=["checking", "writing", "undoing"]),
                name="imports_batch_at_work",
            ),
        ]

    def __str__(self) -> str:
        return str(self.uuid)

    @property
    def thing(self) -> str:
        """How the trail names it."""
        return f"import:{self.uuid}"

    @property
    def fields(self) -> list[str]:
        """The field of each column, ``""`` where it is left aside."""
        return [str(column["field"]) for column in self.columns]


class Row(models.Model):
    """One row of a file.

    ``number`` is that of the file, as a spreadsheet shows it. ``values`` are its cells as they stood, those that were
    mended included. ``errors`` are ``{"field", "code", "value", "proposed", "facts"}``; ``alike`` those that it may be,
    best first: ``{"thing", "row", "score", "band", "reasons"}``. ``decision`` is ``new``, ``same`` or ``""``, with
    ``same_as`` a thing or ``row:<number>``. ``thing`` is what was written, ``"person:<uuid>"``; ``written`` what has to
    be known to take it back. What it holds of persons is emptied some days after the batch is finished.
    """

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, default=RowState.READ)
    values = models.JSONField(default=list)
    errors = models.JSONField(default=list)
    alike = models.JSONField(default=list)
    decision = models.CharField(max_length=4, blank=True)
    same_as = models.CharField(max_length=60, blank=True)
    thing = models.CharField(max_length=60, blank=True)
    written = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="imports_row_once"),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in RowState]), name="imports_row_state"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["written", "kept", "undone"]) | ~Q(thing=""),
                name="imports_row_written_names_its_thing",
            ),
        ]
        indexes = [
            models.Index(fields=["batch", "state", "number"], name="imports_row_state"),
            # Erasing a person finds the rows that brought her.
            models.Index(fields=["thing"], condition=~Q(thing=""), name="imports_row_thing"),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id}#{self.number}"
