"""Objects and tables of HSDS read as places."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bagage.directory.domain import needs, places
from bagage.directory.domain.cells import day_of, long_text, mail_of, phone_of, text_of, web_of
from bagage.directory.domain.hours_in import osm_of, written_week
from bagage.directory.domain.needs import Cost, Need
from bagage.directory.domain.places import Place, PlaceService, SetAside
from bagage.directory.domain.standards.data_inclusion import needs_of
from bagage.directory.domain.standards.hsds.tables import NESTED, ONE, TABLES
from bagage.directory.domain.standards.hsds.taxonomies import (
    ACCESS,
    CARE,
    COST_NAMES,
    COSTS,
    DAYS,
    FORMAT,
    KIND_NAMES,
    KINDS,
    MODES,
    NEEDS,
    PUBLICS,
    TAXONOMIES,
    THEMES,
    Object,
    code_of_term,
)


def read_records(source: Any) -> Iterator[tuple[int, str, Object]]:
    """Each location with its organization, its services and what belongs to them, from a zip or a folder of tables, or
    from JSON with nested objects. An organization without a location is a place without an address.

    Raises :class:`~bagage.directory.domain.standards.reading.Unreadable`.
    """
    from bagage.directory.domain.standards import reading

    tables = _tables_of(source)
    if not tables.get("organizations") and not tables.get("services"):
        raise reading.Unreadable("no_rows")
    by = {
        name: _grouped(tables.get(name, []), link)
        for name, link in (
            ("addresses", "location_id"),
            ("accessibility", "location_id"),
            ("organization_identifiers", "organization_id"),
            ("attributes", "link_id"),
            ("cost_options", "service_id"),
            ("metadata", "resource_id"),
        )
    }
    for name in ("phones", "schedules", "languages"):
        for link in ("location_id", "service_id", "organization_id", "service_at_location_id"):
            by[f"{name}:{link}"] = _grouped(tables.get(name, []), link)
    terms_by_id = {row.get("id", ""): row for row in tables.get("taxonomy_terms", [])}
    organizations = {row["id"]: row for row in tables.get("organizations", []) if row.get("id")}
    services = {row["id"]: row for row in tables.get("services", []) if row.get("id")}
    given: dict[tuple[str, str], list[tuple[Object, str]]] = {}
    placed = set()
    for row in tables.get("service_at_location", []):
        service = services.get(row.get("service_id", ""))
        if service is not None:
            placed.add(service["id"])
            given.setdefault((service.get("organization_id", ""), row.get("location_id", "")), []).append(
                (service, row.get("id", ""))
            )
    for service in services.values():
        if service["id"] not in placed:
            given.setdefault((service.get("organization_id", ""), ""), []).append((service, ""))
    locations = {row["id"]: row for row in tables.get("locations", []) if row.get("id")}
    for row in locations.values():
        owner = row.get("organization_id", "")
        if owner and (owner, row["id"]) not in given:
            given[owner, row["id"]] = []
    for owner in organizations:
        if not any(key[0] == owner for key in given):
            given[owner, ""] = []
    # Services that are given nowhere belong to the only place of their organization, when there is one.
    for (owner, here), found in list(given.items()):
        others = [key for key in given if key[0] == owner and key[1]]
        if not here and len(others) == 1:
            given[others[0]].extend(found)
            del given[owner, here]
    several = _several(given)
    for number, ((owner, here), found) in enumerate(given.items(), start=1):
        location = locations.get(here, {})
        record: Object = {
            "organization": {
                **organizations.get(owner, {}),
                "organization_identifiers": by["organization_identifiers"].get(owner, []),
                "attributes": by["attributes"].get(owner, []),
                "metadata": by["metadata"].get(owner, []),
                "phones": by["phones:organization_id"].get(owner, []),
            },
            "location": {
                **location,
                **{name: by[name].get(here, []) for name in ("addresses", "accessibility")},
                **{
                    name: by[f"{name}:location_id"].get(here, [])
                    for name in ("phones", "schedules", "languages")
                },
            },
            "services": [
                {
                    **service,
                    "attributes": [
                        {
                            **row,
                            "taxonomy_term": terms_by_id.get(
                                row.get("taxonomy_term_id", ""), row.get("taxonomy_term")
                            ),
                        }
                        for row in by["attributes"].get(service["id"], [])
                    ],
                    "cost_options": by["cost_options"].get(service["id"], []),
                    "languages": by["languages:service_id"].get(service["id"], []),
                    "phones": by["phones:service_id"].get(service["id"], []),
                    "schedules": by["schedules:service_id"].get(service["id"], [])
                    or by["schedules:service_at_location_id"].get(at, []),
                }
                for service, at in found
            ],
        }
        key = here if owner in several and here else owner or here
        yield number, key[:120] or f"#{number}", record


def _several(given: Mapping[tuple[str, str], Any]) -> set[str]:
    """Organizations that are at more than one place: each is named by its location."""
    seen: dict[str, int] = {}
    for owner, _here in given:
        seen[owner] = seen.get(owner, 0) + 1
    return {owner for owner, count in seen.items() if count > 1}


def _grouped(rows: Sequence[Object], link: str) -> dict[str, list[Object]]:
    found: dict[str, list[Object]] = {}
    for row in rows:
        if row.get(link):
            found.setdefault(str(row[link]), []).append(row)
    return found


def _tables_of(source: Any) -> dict[str, list[Object]]:
    from bagage.directory.domain.standards import reading

    if isinstance(source, Path) and source.is_dir():
        return {
            path.stem: _rows(path.read_bytes())
            for path in sorted(source.glob("*.csv"))
            if path.stem in TABLES
        }
    content = reading.content_of(source)
    if content.startswith(b"PK\x03\x04"):
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                if sum(each.file_size for each in archive.infolist()) > 2_000_000_000:
                    raise reading.Unreadable("too_large")
                return {
                    Path(each).stem: _rows(archive.read(each))
                    for each in archive.namelist()
                    if each.endswith(".csv") and Path(each).stem in TABLES
                }
        except (zipfile.BadZipFile, KeyError) as error:
            raise reading.Unreadable("broken") from error
    tables: dict[str, list[Object]] = {}
    found = reading.json_of(content)
    if isinstance(found, dict) and isinstance(found.get("contents"), list):
        found = found["contents"]
    for each in found if isinstance(found, list) else [found]:
        if isinstance(each, dict):
            _unnest(
                each,
                "services" if "status" in each or "service_at_locations" in each else "organizations",
                tables,
            )
    return tables


def _rows(content: bytes) -> list[Object]:
    text = content.decode("utf-8-sig", errors="replace")
    return [
        {str(name): value for name, value in row.items() if name and value not in (None, "")}
        for row in csv.DictReader(io.StringIO(text, newline=""))
    ]


def _unnest(found: Object, table: str, tables: dict[str, list[Object]]) -> None:
    """An object with others in it, as rows that point at each other."""
    row = {
        name: value
        for name, value in found.items()
        if name not in NESTED and name not in ONE and name != "taxonomy_term"
    }
    if isinstance(found.get("taxonomy_term"), dict):
        row["taxonomy_term"] = found["taxonomy_term"]
    link = {"organizations": "organization_id", "services": "service_id", "locations": "location_id",
            "service_at_location": "service_at_location_id"}.get(table, "")  # fmt: skip
    for name, into in ONE.items():
        if isinstance(found.get(name), dict):
            row.setdefault(f"{name}_id", found[name].get("id"))
            _unnest(found[name], into, tables)
    for name, into in NESTED.items():
        for each in found.get(name) or ():
            if not isinstance(each, dict):
                continue
            owner = "link_id" if into == "attributes" else "resource_id" if into == "metadata" else link
            if into == "attributes":
                each = {"link_entity": table, **each}
            _unnest({owner: found.get("id"), **each} if owner else each, into, tables)
    rows = tables.setdefault(table, [])
    if table in {"organizations", "locations", "services"}:
        old = (
            next((each for each in rows if each.get("id") == row.get("id")), None)
            if len(rows) < 2000
            else None
        )
        if old is not None:
            old.update(row)
            return
    rows.append(row)


def read(record: Mapping[str, Any], source: str = FORMAT) -> Place:
    """A record as a place. Raises :class:`~bagage.directory.domain.places.SetAside`."""
    organization, location = dict(record.get("organization") or {}), dict(record.get("location") or {})
    name = text_of(location.get("name")) or text_of(organization.get("name"))
    if not name:
        raise SetAside(places.NO_NAME, field="location.name" if location else "organization.name")
    defects: list[str] = []
    fields_from: dict[str, str] = {}
    address = dict(next(iter(location.get("addresses") or ()), {}))
    code = (
        text_of(location.get("external_identifier"))
        if location.get("external_identifier_type") == "FR-INSEE"
        else ""
    )
    city, postcode = text_of(address.get("city")), text_of(address.get("postal_code"))
    if not code and (city or postcode):
        from bagage.directory.domain.standards.table import commune_code

        code = commune_code("", postcode, city, fields_from)
    north, east, position = places.position_of(
        text_of(location.get("latitude")), text_of(location.get("longitude")), code, defects
    )
    phones = [*(location.get("phones") or ()), *(organization.get("phones") or ())]
    for service in record.get("services") or ():
        phones += service.get("phones") or ()
    phone = next((found for row in phones if (found := phone_of(text_of(row.get("number"))))), "")
    identifiers = {
        text_of(row.get("identifier_scheme") or row.get("identifier_type")): text_of(row.get("identifier"))
        for row in organization.get("organization_identifiers") or ()
    }
    kind = next(
        (code for taxonomy, code in _codes(organization) if taxonomy == KINDS and code in KIND_NAMES), ""
    )
    access = dict(next(iter(location.get("accessibility") or ()), {}))
    services = tuple(_read_service(each) for each in record.get("services") or ())
    if not services:
        defects.append(places.NO_SERVICE)
    given = record.get("services") or ()
    days = [day_of(each.get("assured_date") or each.get("last_modified")) for each in given]
    source_date = max((day for day in days if day), default=None)
    if source_date is None:
        source_date = next(
            (day_of(row.get("last_action_date")) for row in organization.get("metadata") or ()), None
        )
    if source_date is None:
        defects.append(places.NO_DATE_SAID)
    description = long_text(organization.get("description"))
    return Place(
        source=source[:60],
        source_id=text_of(organization.get("id") or location.get("id"))[:120],
        licence=next((text_of(each["licenses"]) for each in given if each.get("licenses")), "")[:80],
        name=name[:200],
        kind=kind or places.kind_in_name(name, fields_from) or places.UNKNOWN,
        parent=text_of(organization.get("name"))[:120] if text_of(organization.get("name")) != name else "",
        address=text_of(address.get("address_1"))[:200],
        address_more=text_of(address.get("address_2"))[:120],
        postcode=places.postcode_of(postcode, code, defects),
        city=city[:80],
        commune_code=code,
        latitude=north,
        longitude=east,
        position=position,
        phone=phone,
        email=mail_of(organization.get("email")),
        website=web_of(organization.get("website")),
        hours=hours_of(location.get("schedules") or ())[:300],
        description="" if description == name else description,
        pivot=places.pivot_of(identifiers.get("FR-SIRET") or identifiers.get("FR-RNA") or ""),
        accessibility=web_of(access.get("url")) or text_of(access.get("description"))[:300],
        source_url=web_of(organization.get("uri")),
        source_date=source_date,
        fields_from=fields_from,
        services=services,
        defects=tuple(defects),
        more=_kept(
            organization=_beyond(organization, ("alternate_name", "tax_status", "tax_id", "year_incorporated",
                                                "legal_status", "logo", "parent_organization_id")),
            location=_beyond(location, ("url", "alternate_name", "transportation")),
        ),
    )  # fmt: skip


def _beyond(found: Mapping[str, Any], names: Sequence[str]) -> Object:
    return {name: found[name] for name in names if found.get(name) not in (None, "")}


def _kept(**found: Object) -> Object:
    said = {name: value for name, value in found.items() if value}
    return {FORMAT: said} if said else {}


def _codes(found: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The taxonomy and the code of each attribute; ``""`` for one of a taxonomy that is not ours."""
    codes = []
    for row in found.get("attributes") or ():
        known = code_of_term(text_of(row.get("taxonomy_term_id")))
        if known is not None:
            codes.append(known)
            continue
        term_of = row.get("taxonomy_term") or {}
        said = text_of(term_of.get("code") or row.get("value") or term_of.get("name"))
        ours = next(
            (name for name, (title, _words) in TAXONOMIES.items() if title == term_of.get("taxonomy")), ""
        )
        if said:
            codes.append((ours or (THEMES if needs.is_theme(said) else ""), said))
    return codes


def _read_service(found: Mapping[str, Any]) -> PlaceService:
    codes: dict[str, list[str]] = {}
    for taxonomy, code in _codes(found):
        codes.setdefault(taxonomy, []).append(code)
    name, description = text_of(found.get("name")), long_text(found.get("description"))
    given = [code for code in codes.get(NEEDS, []) if code in set(Need)]
    if not given:
        named = [need for words in (*codes.get("", []), name) for need in needs.needs_named(words)[:1]]
        given = named or [
            str(need) for need in needs_of(tuple(codes.get(THEMES, [])), f"{name} {description}")
        ]
    given = list(dict.fromkeys(given))
    cost_row = dict(next(iter(found.get("cost_options") or ()), {}))
    cost = next((Cost(code) for code in codes.get(COSTS, []) if code in set(Cost)), Cost.UNKNOWN)
    words = text_of(cost_row.get("amount_description") or found.get("fees_description"))
    if cost is Cost.UNKNOWN:
        amount = text_of(cost_row.get("amount"))
        cost = Cost.FREE if amount in {"0", "0.0"} else Cost.PAID if amount else Cost.UNKNOWN
    if cost is Cost.UNKNOWN and words:
        from bagage.directory.domain.standards.table import cost_in

        cost = cost_in(words)[0]
    if words == COST_NAMES.get(cost):
        words = ""
    languages = [text_of(row.get("code") or row.get("name")) for row in found.get("languages") or ()]
    return PlaceService(
        need=given[0],
        needs=tuple(given) if len(given) > 1 else (),
        source_id=text_of(found.get("id"))[:120],
        name=name[:200],
        description=description,
        themes=tuple(codes.get(THEMES, [])),
        cost=cost,
        cost_words=words[:120],
        languages=tuple(code for code in languages if code),
        publics=tuple(codes.get(PUBLICS, [])),
        care=tuple(codes.get(CARE, [])),
        modes=tuple(codes.get(MODES, [])),
        access=tuple(codes.get(ACCESS, [])),
        hours=hours_of(found.get("schedules") or ())[:300],
        source_date=day_of(found.get("assured_date") or found.get("last_modified")),
        more=_kept(
            service=_beyond(found, ("alternate_name", "wait_time", "fees", "accreditations", "minimum_age",
                                    "maximum_age", "assurer_email", "alert", "program_id", "eligibility_description",
                                    "application_process", "url")),
        ),
    )  # fmt: skip


def hours_of(rows: Iterable[Mapping[str, Any]]) -> str:
    """Weekly rules in OpenStreetMap form; as they are written where the notes hold that form already."""
    week: dict[int, list[str]] = {}
    for row in rows:
        notes = text_of(row.get("notes"))
        if notes and osm_of(notes) == notes:
            return notes
        opens, closes = (
            re.match(r"(\d{2}):?(\d{2})", text_of(row.get(name))) for name in ("opens_at", "closes_at")
        )
        if (
            not opens
            or not closes
            or row.get("freq") not in (None, "", "WEEKLY")
            or text_of(row.get("interval")) not in ("", "1")
        ):
            continue
        for day in text_of(row.get("byday")).split(","):
            if day.strip()[-2:] in DAYS:
                span = f"{opens[1]}:{opens[2]}-{closes[1]}:{closes[2]}"
                if span not in week.setdefault(DAYS.index(day.strip()[-2:]), []):
                    week[DAYS.index(day.strip()[-2:])].append(span)
    return written_week(week)
