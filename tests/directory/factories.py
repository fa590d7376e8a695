"""Places of the panorama, for tests."""

from datetime import datetime
from itertools import count

from bagage.directory.domain.communes import folded
from bagage.directory.models import Service, Structure

_number = count(1)
AT = datetime.fromisoformat("2026-11-01T09:00:00+01:00")
# The permanence that all is measured from, and a degree north of it is 111 km.
HERE = (48.89, 2.37)
KM = 1 / 111.195


def make_place(
    name: str = "",
    needs: tuple[str, ...] = (),
    *,
    north_km: float = 0.0,
    cost: str = "unknown",
    **fields: object,
) -> Structure:
    """A place ``north_km`` north of :data:`HERE` that gives ``needs``, each at ``cost``; nothing else is said of it."""
    number = next(_number)
    modes = fields.pop("modes", [])
    values: dict[str, object] = {
        "name": name or f"Lieu {number}",
        "address": f"{number} rue des Essais",
        "postcode": "75019",
        "city": "Paris",
        "commune_code": "75119",
        "latitude": HERE[0] + north_km * KM,
        "longitude": HERE[1],
        "position": "exact",
        "source": "mediation:essai",
        "source_id": f"essai-{number}",
        "licence": "Licence Ouverte 2.0",
        "created_at": AT,
        "changed_at": AT,
        **fields,
    }
    values.setdefault(
        "folded", folded(f"{values['name']} {values['address']} {values['postcode']} {values['city']}")
    )
    place: Structure = Structure.objects.create(**values)
    for need in needs:
        Service.objects.create(structure=place, need=need, cost=cost, modes=modes)
    return place
