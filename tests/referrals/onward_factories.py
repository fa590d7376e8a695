"""Someone who is followed at Riquet, places around, and orientations onward."""

from datetime import date, datetime
from itertools import count
from typing import Any

from django.utils import timezone

from bagage.directory.models import Service, Structure
from bagage.journeys import services as journeys
from bagage.journeys.models import Request
from bagage.people import services as people
from bagage.people.models import Person
from bagage.referrals import services
from bagage.referrals.models import Onward
from tests.referrals.factories import Town

_number = count(1)


def make_library(name: str = "Médiathèque du Bassin", **fields: Any) -> Structure:
    """A library a little north of Riquet, with a mail, a telephone and hours."""
    values: dict[str, Any] = {
        "kind": "library",
        "address": "8 quai de la Loire",
        "email": "contact@mediatheque.example",
        "phone": "+33199004512",
        "hours": "Tu-Sa 10:00-19:00",
        **fields,
    }
    number = next(_number)
    at = timezone.now()
    place: Structure = Structure.objects.create(
        **{
            "name": name,
            "postcode": "75019",
            "city": "Paris",
            "commune_code": "75119",
            "latitude": 48.8915,
            "longitude": 2.374,
            "position": "exact",
            "source": "tests",
            "source_id": str(number),
            "created_at": at,
            "changed_at": at,
            **values,
        }
    )
    Service.objects.create(structure=place, need="use_computer_here")
    return place


def make_mariam(town: Town, **fields: Any) -> Person:
    """Followed at Riquet, speaks bambara, has a telephone of her own."""
    person = people.open_file(
        chosen_name=fields.pop("chosen_name", "Mariam"),
        family_name=fields.pop("family_name", "Traoré"),
        node=town.riquet.organisation,
        languages="bambara, français",
        by=town.adviser,
        **fields,
    )
    people.add_contact_way(person, kind="sms", phone="+33639980142", by=town.adviser)
    return person


def make_request(town: Town, person: Person, words: str = "Je veux imprimer mon CV") -> Request:
    """What she asks for."""
    journey = journeys.open_journey(person, town.riquet.organisation, by=town.adviser)
    return journeys.add_request(journey, words=words, said_on=timezone.localdate(), by=town.adviser)


def make_onward(town: Town, person: Person, structure: Structure, **fields: Any) -> Onward:
    """She agreed, the place is written to."""
    values: dict[str, Any] = {
        "structure": structure,
        "need": "use_computer_here",
        "reason": "Elle veut s’entraîner sur place.",
        "agreed": "spoken",
        "shares": ["first_name", "languages"],
        "by_way": "email",
        "key": f"onward-{next(_number)}",
        "by": town.adviser,
        **fields,
    }
    return services.send_onward(person, **values)


def day_of(moment: datetime) -> date:
    """The day of a moment in Paris."""
    return timezone.localdate(moment)
