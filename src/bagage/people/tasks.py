"""Recurring work on persons' files."""

from datetime import timedelta

from bagage.common.jobs import job
from bagage.people.services import attachments
from bagage.people.services.alike import search_alike


@job("remove_attachments", every=timedelta(days=1))
def remove_attachments() -> int | None:
    """Take out the papers whose last day has passed, and bytes that no row names."""
    return attachments.remove_expired_attachments() + attachments.sweep_attachments() or None


@job("search_alike_files", every=timedelta(hours=12))
def search_alike_files() -> int | None:
    """Go on through the files for those that may be one person's; the newest come last, and then all again."""
    return search_alike(limit=20_000).files or None
