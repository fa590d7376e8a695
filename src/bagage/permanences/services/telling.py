"""Who is told what, on the paper list of the site; discreet where a phone is shared."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext

from bagage.common.words import phone as shown_phone
from bagage.common.words import written_for
from bagage.messaging.services import queue_paper
from bagage.people.models import ContactWay, Person
from bagage.permanences.models import Session, SessionBooking, Site
from bagage.permanences.queries.sessions import ways_to_tell


def tell_person(
    person: Person, way: ContactWay | None, *, site: Site, body: str, key: str, about: str, at: datetime
) -> None:
    """A line on the paper list of the site, when there is a number or someone through whom she can be told.

    On a shared phone neither the service nor the reason is named, only that someone would like a call. ``body`` is
    written in the language of the installation by the caller.
    """
    if way is None:
        return
    whom = f"{person.chosen_name}, {shown_phone(way.phone) if way.phone else way.through}"
    if way.is_shared:
        with written_for():
            whom += gettext(" (téléphone partagé : rester discret)")
            body = gettext("Un message pour %(name)s : merci de rappeler%(at_number)s.") % {
                "name": person.chosen_name,
                "at_number": gettext(" au %(phone)s") % {"phone": shown_phone(site.phone)}
                if site.phone
                else "",
            }
    else:
        body += f"\n{site}, {site.full_address}"
    queue_paper(
        to=whom[:254],
        body=body,
        key=key,
        about=about,
        place=str(site.organisation.uuid),
        at=at,
    )


def tell_of_session(
    session: Session, bookings: Iterable[SessionBooking], what: str, body: str, at: datetime
) -> None:
    """The same words about a session to each of these; who has no file, or no way to be reached, is told on the spot.

    The key of each message begins with ``session:<uuid>:<what>:``, so that what is no longer true is called off.
    """
    named = [(booking, booking.person) for booking in bookings if booking.person is not None]
    ways = ways_to_tell(person for _booking, person in named)
    for booking, person in named:
        tell_person(
            person,
            ways[person.pk],
            site=session.site,
            body=body,
            key=f"session:{session.uuid}:{what}:{booking.uuid}:{int(at.timestamp())}",
            about=f"seat:{booking.uuid}",
            at=at,
        )
