"""The papers that are kept in her file."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from bagage.common.prepared import prepared
from bagage.common.together import Asking, together
from bagage.people.models import Attachment

# So many are named in the pocket of the file; the page of the papers has them all.
IN_POCKET = 3


@dataclass(frozen=True)
class AttachmentPanel:
    """The newest papers, and how many more there are."""

    papers: list[Attachment]
    more: int


@prepared
def attachments_of(files: Iterable[int]) -> QuerySet[Attachment]:
    """The papers kept now in any of her files, newest first. One query."""
    return (
        Attachment.objects.filter(person_id__in=files, removed_at=None)
        .select_related("added_by")
        .order_by("-added_at", "-pk")
    )


@together
def attachment_panel(files: Iterable[int]) -> Asking[AttachmentPanel | None]:
    """The pocket of her papers; None when none is kept. One query."""
    papers = yield from attachments_of.asking(files)
    return AttachmentPanel(papers[:IN_POCKET], max(0, len(papers) - IN_POCKET)) if papers else None
