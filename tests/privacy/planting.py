"""A person with a row in every table that can hold something of her, each of her texts a mark found nowhere else."""

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.conf import settings
from django.db import connection, models

from bagage.accounts.domain.roles import Role
from bagage.accounts.models import Installation, Membership, Organisation, User
from bagage.people.models import Person
from bagage.trail.registry import PERSON, Declaration, all_declarations, of_persons, text_fields

# Begins every mark; five signs, so that it fits the shortest column.
SIGN = "zq"
MARKED = re.compile(SIGN.encode() + rb"[0-9]{3}")


class Planter:
    """Makes one row of each table for a person, filling required fields by what the tables say of themselves."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.marks = 0
        self.made: dict[str, Any] = {}
        Installation.objects.update_or_create(pk=1, defaults={"name": "Essai", "set_up_at": now})
        root = Organisation.objects.add_root(create_kwargs={"name": "Réseau", "kind": "network"})
        self.node = Organisation.objects.add_child(
            root, create_kwargs={"name": "Riquet", "kind": "permanence", "city": "Paris"}
        )
        self.user = User.objects.create_user(f"planter{uuid4().hex[:8]}", first_name="Hélène")
        Membership.objects.create(user=self.user, organisation=root, role=Role.PROGRAMME_LEAD)
        self.made["accounts.User"], self.made["accounts.Organisation"] = self.user, self.node

    def mark(self) -> str:
        """A text that stands nowhere else."""
        self.marks += 1
        return f"{SIGN}{self.marks:03d}"

    # What the constraints of a table ask for beyond its columns.
    def asked(self, model: str) -> dict[str, Any]:
        now = self.now
        return {
            "permanences.OpeningBlock": {"ends_at": now + timedelta(hours=1)},
            "permanences.Appointment": {
                "ends_at": now - timedelta(days=1),
                "starts_at": now - timedelta(days=1, hours=1),
                "state": "done",
            },
            "permanences.Session": {
                "starts_at": now - timedelta(days=1, hours=2),
                "ends_at": now - timedelta(days=1),
                "state": "held",
                "closed_at": now,
            },
            "directory.Structure": {"position": "unknown"},
            "permanences.SessionBooking": {"state": "present"},
            "permanences.QueueEntry": {"state": "done"},
            "equipment.Device": {"grade": ""},
            "equipment.Reservation": {
                "state": "used",
                "ended_at": now,
                "paid_at": now,
                "paid_receipt": "R-1",
            },
            "equipment.Handover": {"state": "open", "consent": "screen", "receipt": "R-1"},
            "equipment.DeviceEvent": {"kind": "received", "from_state": "", "to_state": "to_process"},
            "shop.AccessRight": {"ended_on": now.date(), "source": f"voucher:{self.mark()}"},
            "shop.Sale": {"kind": "sale", "reason": "", "number": 1, "year": 2026, "payment": "cash"},
            "shop.SaleLine": {"quantity": 1},
            "shop.StockMovement": {"kind": "sold", "quantity": -1},
            "journeys.JourneyExit": {"kind": "not_yet", "reason": "moved"},
            "journeys.JourneyStep": {"kind": "exited", "reason": ""},
            "journeys.FollowUp": {"state": "due", "device": "", "connection": "", "skills": "", "who": ""},
            "referrals.Referral": {"has_agreed": True, "needs_device": True, "state": "received"},
            "referrals.Onward": {"state": "sent", "agreement": "spoken", "by_way": "email"},
            "connection.Advice": {"choice": "best", "chosen_at": now},
            "connection.LineEvent": {"kind": "activated"},
            "connection.HeldLine": {"state": "active"},
            "people.Following": {"ended_at": None},
            "people.Freeze": {"lifted_at": now},
            "people.Person": {"birth_year": 1985, "birth_date": now.date(), "erased_at": None},
            "messaging.Message": {"state": "queued"},
            "imports.Batch": {"state": "written"},
            "imports.Row": {"state": "written", "decision": "new", "number": self.marks + 1},
            "journeys.RequestBooking": {"why": ""},
        }.get(model, {})

    def plant(self) -> Person:
        """The person, with a row in each table declared as one that can hold something of hers."""
        person: Person = self.make(PERSON, birth_year=1985)
        for each in of_persons():
            if each.model != PERSON and not each.about and each.model not in self.made:
                self.make(each.model)
        for each in all_declarations():
            if each.thing and each.model in self.made:
                self.about(each)
        return person

    def about(self, thing: Declaration) -> None:
        """A row of each table that knows hers by a reference alone."""
        for each in of_persons():
            for name in each.about:
                reference = f"{thing.thing}:{self.made[thing.model].uuid}"
                length = each.table._meta.get_field(name).max_length  # type: ignore[union-attr]
                if length is None or len(reference) <= length:
                    self.make(each.model, keep=False, **{name: reference})

    def make(self, model: str, *, keep: bool = True, **given: Any) -> Any:
        """One row; what it needs of other tables is made first, once."""
        table = apps.get_model(model)
        declaration = next(each for each in all_declarations() if each.model == model)
        hers = set(declaration.personal)
        if declaration.deleted:
            hers |= set(text_fields(table))
        given = {**self.asked(model), **given}
        values: dict[str, Any] = {}
        for place in table._meta.concrete_fields:
            name = place.name
            if name in given:
                values[name] = given[name]
            elif isinstance(place, models.ForeignKey):
                target = place.related_model._meta.label  # type: ignore[union-attr]
                if name in declaration.also:
                    values[name] = self.neighbour()
                    continue
                on_the_way = declaration.person.split("__")[0] == name or name in declaration.also
                if target == model or (place.null and not on_the_way and not self.is_needed(model, name)):
                    continue
                if target not in self.made:
                    self.make(target)
                values[name] = self.made[target]
            else:
                values |= self.filled(place, name in hers)
        row = table._base_manager.create(**values)
        if keep:
            self.made[model] = row
        return row

    def neighbour(self) -> Person:
        """Someone else, whom a row is about as well; none of her texts is marked."""
        if "neighbour" not in self.made:
            self.made["neighbour"] = Person.objects.create(
                code="NEXTTO", chosen_name="Voisine", created_at=self.now, last_contact_at=self.now
            )
        return self.made["neighbour"]

    def is_needed(self, model: str, name: str) -> bool:
        """Foreign keys that may be empty, but that a constraint asks for here."""
        return (model, name) in {
            ("journeys.JourneyStep", "exit"),
            ("shop.SaleLine", "product"),
            ("shop.StockMovement", "sale_line"),
            ("referrals.Referral", "referrer"),
        }

    def filled(self, place: Any, is_hers: bool) -> dict[str, Any]:
        """A value for one column."""
        name = place.name
        if place.primary_key or name == "merged_into":
            return {}
        text = self.mark() if is_hers else uuid4().hex
        if place.choices:
            values = [value for value, _words in place.flatchoices if value != ""]
            return {name: values[0]}
        if isinstance(place, models.EmailField):
            return {name: f"{text}@example.org"}
        if isinstance(place, models.CharField | models.TextField):
            return {name: text[: place.max_length]}
        if isinstance(place, models.JSONField):
            return {name: [text] if place.default is list else {"said": text}} if is_hers else {}
        if isinstance(place, models.UUIDField):
            return {name: uuid4()}
        if isinstance(place, models.BooleanField):
            return {} if place.null or place.has_default() else {name: False}
        if isinstance(place, models.DateTimeField):
            return {} if place.null else {name: self.now}
        if isinstance(place, models.DateField):
            return {} if place.null else {name: self.now.date()}
        if isinstance(place, models.IntegerField | models.DecimalField | models.FloatField):
            return {} if place.null or place.has_default() else {name: 1}
        return {}


def write_files(person: Person, planter: Planter) -> list[Path]:
    """The bytes of her papers, each with a mark in it."""
    written = []
    for attachment in person.attachments.all():
        path = Path(settings.MEDIA_ROOT) / attachment.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"%PDF " + planter.mark().encode())
        written.append(path)
    return written


def found_in_database() -> list[str]:
    """Every ``table.column`` in which a mark stands, whatever the table: ours, the libraries', an index's."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            quoted = connection.ops.quote_name(table)
            columns = [
                column.name for column in connection.introspection.get_table_description(cursor, table)
            ]
            for column in columns:
                text = f"LOWER(CAST({connection.ops.quote_name(column)} AS TEXT))"
                cursor.execute(f"SELECT {text} FROM {quoted} WHERE {text} LIKE %s", [f"%{SIGN}%"])
                if any(MARKED.search(value.encode()) for (value,) in cursor.fetchall()):
                    found.append(f"{table}.{column}")
    return found


def found_in_files(folder: Path) -> list[str]:
    """Every file below ``folder`` in whose bytes or name a mark stands."""
    return sorted(
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and (MARKED.search(path.read_bytes()) or MARKED.search(path.name.encode()))
    )
