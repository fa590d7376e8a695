"""Recurring work on the trail, and on files whose time is over."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from bagage.common.jobs import job
from bagage.trail import services
from bagage.trail.domain.actor import Actor
from bagage.trail.queries import expired_files, privacy_rules, written_too_long


@job("seal_segments", every=timedelta(hours=12))
def seal_segments() -> int | None:
    """Close the chains of the months past."""
    return services.seal_segments() or None


@job("drop_segments", every=timedelta(days=1))
def drop_segments() -> int | None:
    """Delete the entries of months older than BAGAGE_TRAIL_MONTHS, whole sealed segments at a time."""
    return services.drop_segments(older_than_months=settings.TRAIL_MONTHS) or None


@job("look_for_expired", every=timedelta(days=1))
def look_for_expired() -> str | None:
    """Erase the files whose time is over where the house said so; elsewhere only count them."""
    services.tell_file()
    services.erase_leftovers()
    rules = privacy_rules()
    if rules.runs_by_itself and not rules.is_example:
        done = services.erase_expired(by=Actor.system("look_for_expired"))
        return (
            f"{done.persons} erased, {done.held_back} held back"
            if done.persons or done.held_back or done.written
            else None
        )
    due = len(expired_files(timezone.now(), months=rules.months)) + len(
        written_too_long(timezone.now(), rules)
    )
    return f"{due} to look at" if due else None
