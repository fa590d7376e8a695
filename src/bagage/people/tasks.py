"""Recurring work on persons' files."""

from datetime import timedelta

from bagage.common.jobs import job
from bagage.people.services import attachments


@job("remove_attachments", every=timedelta(days=1))
def remove_attachments() -> int | None:
    """Take out the papers whose last day has passed, and bytes that no row names."""
    return attachments.remove_expired_attachments() + attachments.sweep_attachments() or None
