"""What permanences do by themselves: they are published as their sites say them."""

from __future__ import annotations

from datetime import timedelta

from bagage.common.jobs import job
from bagage.permanences.services.publishing import publish_permanences as publish


@job("publish_permanences", every=timedelta(minutes=15))
def publish_permanences() -> int | None:
    """Write the open permanences into the panorama; how many moved."""
    return publish() or None
