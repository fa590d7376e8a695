"""The panorama as files of the open standards: one record after the other, so that memory stays flat."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO, Any

from bagage.directory.domain import standards
from bagage.directory.domain.places import Place, PlaceService
from bagage.directory.domain.standards import data_inclusion, hsds, mediation
from bagage.directory.models import Service, Structure

CHUNK = 500
EXPORTED = (mediation.FORMAT, data_inclusion.FORMAT, standards.HSDS)


@dataclass(slots=True)
class Written:
    """What an export did: records written, and those left out because the standard wants what nobody said of them."""

    written: int = 0
    services: int = 0
    left_out: Counter[str] = field(default_factory=Counter)


def service_of(service: Service) -> PlaceService:
    """A row of the table as the standards' readers give it."""
    return PlaceService(
        need=service.need,
        words=service.words,
        cost=service.cost,
        cost_words=service.cost_words,
        languages=tuple(service.languages),
        publics=tuple(service.publics),
        care=tuple(service.care),
        modes=tuple(service.modes),
        access=tuple(service.access),
        accessibility=service.accessibility,
        source_id=service.source_id,
        name=service.name,
        description=service.description,
        needs=tuple(service.needs),
        themes=tuple(service.themes),
        hours=service.hours,
        source_date=service.source_date,
        more=service.more,
        uuid=str(service.uuid),
    )


def place_of(structure: Structure) -> Place:
    """A place of the table, its services prefetched, as the standards' readers give it.

    What its source does not date is dated by the day we last changed it: the standards want a day.
    """
    return Place(
        source=structure.source,
        source_id=structure.source_id,
        licence=structure.licence,
        name=structure.name,
        kind=structure.kind,
        kind_words=structure.kind_words,
        parent=structure.parent,
        address=structure.address,
        address_more=structure.address_more,
        postcode=structure.postcode,
        city=structure.city,
        commune_code=structure.commune_code,
        latitude=structure.latitude,
        longitude=structure.longitude,
        position=structure.position,
        is_mobile=structure.is_mobile,
        phone=structure.phone,
        email=structure.email,
        website=structure.website,
        booking_url=structure.booking_url,
        hours=structure.hours,
        weekly_hours=structure.weekly_hours,
        presentation=structure.presentation,
        description=structure.description,
        pivot=structure.pivot,
        accessibility=structure.accessibility,
        source_url=structure.source_url,
        labels=tuple(structure.labels),
        source_date=structure.source_date or structure.changed_at.date(),
        more=structure.more,
        fields_from=structure.fields_from,
        services=tuple(service_of(service) for service in structure.services.all()),
        uuid=str(structure.uuid),
        changed_at=structure.changed_at,
        closed_until=structure.closed_until,
    )


def current_structures() -> Iterator[Structure]:
    """The places that are listed today, each once: a row that speaks of the same place as another is left to it."""
    rows = Structure.objects.current().filter(same_as=None).prefetch_related("services").order_by("pk")
    yield from rows.iterator(chunk_size=CHUNK)


def records_of(
    format: str, structures: Iterable[Structure], done: Written | None = None
) -> Iterator[dict[str, Any]]:
    """The records of places in a format; those that it cannot take are counted in ``done.left_out``, by field."""
    done = done if done is not None else Written()
    for structure in structures:
        place = place_of(structure)
        if format == mediation.FORMAT:
            record: dict[str, Any] = dict(mediation.write(place))
            wanting = mediation.missing(record)
        elif format == data_inclusion.FORMAT:
            record = data_inclusion.write(place)
            wanting = [name for name in ("nom", "date_maj") if not record.get(name)]
            done.services += len(record["services"])
        else:
            raise KeyError(format)
        if wanting:
            done.left_out.update(wanting[:1])
            continue
        done.written += 1
        yield record


def write_file(format: str, structures: Iterable[Structure], out: IO[bytes]) -> Written:
    """Write a whole file of a format: CSV for the national standard, JSON for data·inclusion, a zip for HSDS."""
    done = Written()
    if format == mediation.FORMAT:
        _write_table(records_of(format, structures, done), out)
    elif format == data_inclusion.FORMAT:
        _write_json(records_of(format, structures, done), out)
    elif format == standards.HSDS:
        done.written, done.services = hsds.write_file(map(place_of, structures), out)
    else:
        raise KeyError(format)
    return done


def _write_table(records: Iterator[dict[str, Any]], out: IO[bytes]) -> None:
    text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
    writer = csv.DictWriter(text, mediation.COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    text.detach()


def _write_json(records: Iterator[dict[str, Any]], out: IO[bytes]) -> None:
    """``{"structures": […], "services": […]}``; services are gathered while structures are written."""
    services: list[str] = []
    dumped: Callable[[Any], str] = lambda value: json.dumps(value, ensure_ascii=False)  # noqa: E731
    out.write(b'{"structures": [')
    for at, record in enumerate(records):
        services += [dumped(service) for service in record.pop("services")]
        out.write(f"{',' if at else ''}\n{dumped(record)}".encode())
    out.write(b'\n], "services": [')
    for at, service in enumerate(services):
        out.write(f"{',' if at else ''}\n{service}".encode())
    out.write(b"\n]}\n")
