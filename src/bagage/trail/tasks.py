"""Recurring work on the trail."""

from datetime import timedelta

from django.conf import settings

from bagage.common.jobs import job
from bagage.trail import services


@job("seal_segments", every=timedelta(hours=12))
def seal_segments() -> int | None:
    """Close the chains of the months past."""
    return services.seal_segments() or None


@job("drop_segments", every=timedelta(days=1))
def drop_segments() -> int | None:
    """Delete the entries of months older than BAGAGE_TRAIL_MONTHS, whole sealed segments at a time."""
    return services.drop_segments(older_than_months=settings.TRAIL_MONTHS) or None
