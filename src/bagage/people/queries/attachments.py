"""The papers that are kept in her file."""

from collections.abc import Iterable
from dataclasses import dataclass

from bagage.people.models import Attachment

# So many are named in the pocket of the file; the page of the papers has them all.
IN_POCKET = 3


@dataclass(frozen=True)
class AttachmentPanel:
    """The newest papers, and how many more there are."""

    papers: list[Attachment]
    more: int


def attachments_of(files: Iterable[int]) -> list[Attachment]:
    """The papers kept now in any of her files, newest first. One query."""
    return list(
        Attachment.objects.filter(person_id__in=list(files), removed_at=None)
        .select_related("added_by")
        .order_by("-added_at", "-pk")
    )


def attachment_panel(files: Iterable[int]) -> AttachmentPanel | None:
    """The pocket of her papers; None when none is kept. One query."""
    papers = attachments_of(files)
    return AttachmentPanel(papers[:IN_POCKET], max(0, len(papers) - IN_POCKET)) if papers else None
