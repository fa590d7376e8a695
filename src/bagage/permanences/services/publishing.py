"""Our permanences among the places of the panorama: what anyone may know of each, kept as its site says it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from bagage.directory.domain import places
from bagage.directory.domain.needs import Cost, Need
from bagage.directory.domain.places import Place, PlaceService
from bagage.directory.models import Structure
from bagage.directory.services.writing import write_places
from bagage.permanences.models import Site

SOURCE = places.OURS
LICENCE = "Licence Ouverte 2.0"
# Languages are written in words; the panorama holds their codes where it knows them.
_CODES = {
    "français": "fr", "anglais": "en", "arabe": "ar", "espagnol": "es", "portugais": "pt", "roumain": "ro",
    "bambara": "bm", "soninké": "snk", "tamoul": "ta", "turc": "tr", "russe": "ru", "chinois": "zh",
    "italien": "it", "albanais": "sq", "polonais": "pl", "ukrainien": "uk", "peul": "ff", "wolof": "wo",
}  # fmt: skip


def place_of_site(site: Site) -> Place:
    """A permanence as the panorama tells it; nothing of who works or comes there."""
    node = site.organisation
    said = [word.strip() for word in site.languages.split(",") if word.strip()]
    languages = tuple(_CODES.get(word.lower(), word) for word in said)
    given = [
        need
        for is_given, needs in (
            (site.offers_device, (Need.GET_DEVICE,)),
            (site.offers_connection, (Need.GET_CONNECTION,)),
            (site.offers_skills, (Need.LEARN_BASICS, Need.ONLINE_PROCEDURES)),
            (site.computers > 0, (Need.USE_COMPUTER_HERE,)),
        )
        if is_given
        for need in needs
    ]
    access = {"yes": "accès de plain-pied", "no": "des marches à l’entrée"}.get(site.access, "")
    return Place(
        source=SOURCE,
        source_id=str(node.uuid),
        licence=LICENCE,
        name=node.name,
        kind=places.PERMANENCE,
        address=site.address,
        postcode=site.postcode,
        city=site.city,
        commune_code=site.commune_code,
        latitude=site.latitude,
        longitude=site.longitude,
        position=places.EXACT if site.latitude is not None and site.longitude is not None else places.NOWHERE,
        phone=site.phone or node.phone,
        hours=site.hours[:300],
        presentation=site.way_there,
        accessibility=access,
        services=tuple(
            PlaceService(
                need=str(need),
                # Solidarity prices: what is sold there is not free for all.
                cost=Cost.CONDITIONS if need in {Need.GET_DEVICE, Need.GET_CONNECTION} else Cost.FREE,
                languages=languages,
                modes=("individual", "workshop") if need == Need.LEARN_BASICS else ("individual",),
                access=("come", "call") if site.phone else ("come",),
                accessibility=access,
            )
            for need in given
        ),
    )


@transaction.atomic
def publish_permanences(*, at: datetime | None = None) -> int:
    """Write the open permanences into the panorama as their sites say them; those that closed end. How many moved."""
    at = at or timezone.now()
    sites = list(
        Site.objects.filter(organisation__is_open=True).select_related("organisation").order_by("pk")
    )
    known = dict(
        Structure.objects.filter(source=SOURCE, ended_at=None).values_list("source_id", "fingerprint")
    )
    read = [place_of_site(site) for site in sites]
    changed = [place for place in read if known.get(place.source_id) != place.fingerprint]
    pks = write_places([(place, place.fingerprint, None) for place in changed], at=at)
    nodes = {str(site.organisation.uuid): site.organisation_id for site in sites}
    for (_source, source_id), pk in pks.items():
        Structure.objects.filter(pk=pk).update(organisation=nodes[source_id])
    gone = Structure.objects.filter(source=SOURCE, ended_at=None).exclude(source_id__in=list(nodes))
    return len(changed) + gone.update(ended_at=at, changed_at=at)
