"""Organisations that refer and staff accounts: what they are lies below this activity, so their files are read here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from rapidfuzz import fuzz

from bagage.accounts import services as accounts
from bagage.accounts.domain.grants import fits
from bagage.accounts.domain.roles import Ability, Role
from bagage.accounts.models import ROLE_NAMES, Invitation, Membership, Organisation, User
from bagage.imports.domain.lifecycle import RowState
from bagage.imports.domain.tables import folded
from bagage.imports.domain.values import is_unknown
from bagage.imports.kinds import (
    Alike,
    Fault,
    Field,
    Ground,
    Kind,
    Line,
    Outcome,
    Reading,
    Todo,
    Verdict,
    register,
)
from bagage.imports.known import is_linked, same_line
from bagage.imports.models import Batch, Row
from bagage.messaging.services import cancel_messages
from bagage.trail.domain.actor import Actor
from bagage.trail.models import Entry

NEAR_NAME = 88
# What an account or an organisation has from the moment it is made; anything else that points at it was added since.
_OWN_OF_USER = (Membership, Invitation)


def _text(reading: Reading, name: str, most: int) -> str:
    value = reading.cells.get(name, "")
    if is_unknown(value):
        return ""
    if len(value) > most:
        reading.faults.append(Fault(name, "too_long", value[:200], facts={"most": most}))
    return value[:most]


def _uuid(thing: str) -> UUID | None:
    try:
        return UUID(thing.partition(":")[2])
    except ValueError:
        return None


def _acted(thing: str, verbs: Sequence[str]) -> bool:
    """Whether the trail tells of another act on it than those by which it was made."""
    return Entry.objects.filter(thing=thing, is_reading=False).exclude(verb__in=verbs).exists()


# ---------- organisations ----------
@dataclass(frozen=True, slots=True)
class Place:
    """An organisation as a row tells it."""

    name: str
    city: str = ""
    address: str = ""
    phone: str = ""
    kind: str = "referring"


class Organisations(Kind):
    """Organisations that refer, and partners."""

    name = "organisations"
    label = _("Organisations qui orientent")
    says = _("Nom, ville, adresse, téléphone ; « partenaire » si elle n’oriente pas.")
    icon = "building-2"
    ability = Ability.RUN_REFERRERS
    node_kinds = ("antenna", "network")
    fields = (
        Field(
            "name",
            _("Nom de l’organisation"),
            ("nom de l organisation", "organisation", "nom", "structure", "nom de la structure", "organisme",
             "prescripteur", "raison sociale", "partenaire", "association", "service", "name"),
        ),
        Field("city", _("Ville"), ("ville", "commune", "city", "localite", "antenne")),
        Field("address", _("Adresse"), ("adresse", "adresse postale", "rue", "address")),
        Field("phone", _("Téléphone"), ("telephone", "tel", "standard", "numero de telephone"), "phone", "phone"),
        Field("kind", _("Oriente ou partenaire"), ("oriente ou partenaire", "type", "genre", "categorie", "kind")),
    )  # fmt: skip

    def count(self, number: int) -> str:
        return ngettext("%(count)s organisation", "%(count)s organisations", number) % {"count": number}

    def who(self, cells: Mapping[str, str]) -> str:
        return cells.get("name", "")[:80]

    def fault_words(self, fault: Mapping[str, Any]) -> str:
        return {
            "no_name": gettext("Il manque le nom de l’organisation."),
            "acted": gettext("Elle a changé depuis : elle reste."),
            "linked": gettext("Quelqu’un y travaille ou l’a utilisée depuis : elle reste."),
        }.get(str(fault["code"]), "")

    def same_words(self) -> str:
        return gettext("La même, compléter ce qui manque")

    def read(self, number: int, cells: Mapping[str, str], ground: Ground) -> Reading:
        reading = Reading(number, dict(cells))
        name = _text(reading, "name", 160)
        if not name:
            reading.faults.append(Fault("name", "no_name"))
        kind = "partner" if folded(cells.get("kind", "")).startswith(("parten", "partn")) else "referring"
        reading.values = Place(
            name,
            _text(reading, "city", 80),
            _text(reading, "address", 200),
            _text(reading, "phone", 20),
            kind,
        )
        return reading

    def known(
        self, readings: Sequence[Reading], ground: Ground, earlier: Sequence[Reading] = ()
    ) -> list[Verdict]:
        there = [
            (f"organisation:{node.uuid}", node.name)
            for node in Organisation.objects.filter(
                path__startswith=ground.node.path, kind__in=["referring", "partner"]
            ).order_by("path")
        ]
        seen = {folded(reading.values.name): reading.number for reading in earlier}
        verdicts = []
        for reading in readings:
            name = folded(reading.values.name)
            verdict = Verdict()
            for thing, other in there:
                if folded(other) == name:
                    verdict.there = thing
                    break
                near = fuzz.token_sort_ratio(folded(other), name)
                if near >= NEAR_NAME:
                    verdict.alike.append(Alike(near / 100, "possible", ("near_name",), thing))
            if not verdict.there and name in seen:
                verdict.faults.append(
                    Fault("name", "twice_in_file", reading.values.name, facts={"row": seen[name]})
                )
            seen.setdefault(name, reading.number)
            verdict.alike = sorted(verdict.alike, key=lambda each: -each.score)[:3]
            verdicts.append(verdict)
        return verdicts

    def reason_words(self, reading: Reading, other: str | Reading) -> list[Any]:
        return [gettext("un nom presque pareil")]

    def side_by_side(self, reading: Reading, other: str | Reading) -> list[Line]:
        node = self._node(other) if isinstance(other, str) else None
        if node is None:
            return []
        ours = reading.values
        lines = [
            same_line(gettext("Nom"), ours.name, node.name),
            same_line(gettext("Ville"), ours.city, node.city),
            same_line(gettext("Adresse"), ours.address, node.address),
            same_line(gettext("Téléphone"), ours.phone, node.phone),
        ]
        return [line for line in lines if line is not None]

    def name_of_thing(self, thing: str, user: User) -> str:
        node = self._node(thing)
        return node.name if node is not None else ""

    def _node(self, thing: str) -> Organisation | None:
        return Organisation.objects.filter(uuid=_uuid(thing)).first()

    def write(self, todo: Sequence[Todo], ground: Ground, *, by: User | Actor, at: datetime) -> list[Outcome]:
        outcomes = []
        for each in todo:
            place: Place = each.reading.values
            node = self._node(each.same_as) if each.same_as else None
            if node is not None:
                missing = {
                    name: getattr(place, name)
                    for name in ("city", "address", "phone")
                    if getattr(place, name) and not getattr(node, name)
                }
                accounts.change_organisation(node, by=by, at=at, **missing)
                outcomes.append(Outcome(RowState.WRITTEN, f"organisation:{node.uuid}", {"filled": missing}))
                continue
            made = accounts.add_organisation(
                ground.node, kind=place.kind, name=place.name, city=place.city, address=place.address,
                phone=place.phone, by=by, at=at,
            )  # fmt: skip
            outcomes.append(Outcome(RowState.WRITTEN, f"organisation:{made.uuid}", {}))
        return outcomes

    def _why_kept(self, thing: str, written: Mapping[str, Any]) -> str:
        node = self._node(thing)
        if node is None or "filled" in written:
            return ""
        if _acted(thing, ["organisation.add"]):
            return "acted"
        below = Organisation.objects.filter(path__startswith=node.path).exclude(pk=node.pk)
        return "linked" if is_linked(node, ()) or below.exists() else ""

    def undo(self, rows: Sequence[Row], ground: Ground, *, by: User | Actor, at: datetime) -> list[Outcome]:
        outcomes = []
        for row in rows:
            why = self._why_kept(row.thing, row.written)
            node = self._node(row.thing)
            if why:
                outcomes.append(Outcome(RowState.KEPT, errors=[Fault("", why)]))
                continue
            if node is not None and "filled" in row.written:
                back = {
                    name: "" for name, value in row.written["filled"].items() if getattr(node, name) == value
                }
                if back:
                    accounts.change_organisation(node, by=by, at=at, **back)
            elif node is not None:
                Organisation.objects.filter(pk=node.pk).delete()
            outcomes.append(Outcome(RowState.UNDONE))
        return outcomes

    def foreseen_kept(self, things: Sequence[str], ground: Ground) -> dict[str, str]:
        rows = Row.objects.filter(batch=ground.batch, state=RowState.WRITTEN)
        found = {row.thing: self._why_kept(row.thing, row.written) for row in rows}
        return {thing: why for thing, why in found.items() if why}

    def rows_out(self, nodes: Sequence[Organisation], at: datetime, *, by: User) -> Iterator[Sequence[Any]]:
        yield [str(each.label) for each in self.fields]
        seen: set[int] = set()
        for above in nodes:
            found = Organisation.objects.filter(
                path__startswith=above.path, kind__in=["referring", "partner"]
            )
            for node in found.order_by("path"):
                if node.pk not in seen:
                    seen.add(node.pk)
                    kind = gettext("partenaire") if node.kind == "partner" else gettext("oriente")
                    yield [node.name, node.city, node.address, node.phone, kind]


# ---------- staff ----------
_ROLES = {
    Role.REFERRER: "prescripteur prescriptrice referrer",
    Role.RECEPTIONIST: "accueil reception receptionist agent_d_accueil charge_d_accueil chargee_d_accueil",
    Role.VOLUNTEER: "benevole volunteer",
    Role.ADVISER: "conseiller conseillere conseillere_ou_conseiller adviser conseiller_numerique mediateur mediatrice",
    Role.LOGISTICS: "materiel logistique devices logistics",
    Role.LOCAL_OFFICER: "developpement_local local_development local_officer charge_de_developpement "
    "charge_de_developpement_local",
    Role.PROGRAMME_LEAD: "responsable responsable_du_programme programme_lead direction coordinatrice coordinateur",
    Role.ADMINISTRATOR: "administration administrateur administratrice administrator admin",
}
ROLE_OF = {form.replace("_", " "): role for role, forms in _ROLES.items() for form in forms.split()}


@dataclass(frozen=True, slots=True)
class Colleague:
    """Someone of the staff as a row tells her."""

    first_name: str
    last_name: str = ""
    title: str = ""
    email: str = ""
    role: Role | None = None
    node: Organisation | None = None

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


class Staff(Kind):
    """Accounts of the staff: each is invited."""

    name = "staff"
    label = _("Équipe")
    says = _("Prénom, nom, rôle, lieu, mail. Chaque compte attend son invitation : par mail, ou à imprimer.")
    icon = "users-round"
    ability = Ability.RUN_STAFF
    node_kinds = ("network", "antenna", "permanence")
    fields = (
        Field("first_name", _("Prénom"), ("prenom", "first name", "prenoms"), "name"),
        Field("last_name", _("Nom"), ("nom", "nom de famille", "last name"), "name"),
        Field("role", _("Rôle"), ("role", "profil", "type de compte", "statut")),
        Field("place", _("Lieu"), ("lieu", "permanence", "site", "antenne", "affectation", "equipe")),
        Field("title", _("Fonction"), ("fonction", "poste", "titre", "metier", "title", "job")),
        Field("email", _("Mail"), ("mail", "email", "e mail", "courriel", "adresse mail"), "email", "email"),
    )

    def count(self, number: int) -> str:
        return ngettext("%(count)s compte", "%(count)s comptes", number) % {"count": number}

    def who(self, cells: Mapping[str, str]) -> str:
        return f"{cells.get('first_name', '')} {cells.get('last_name', '')}".strip()[:80]

    def fault_words(self, fault: Mapping[str, Any]) -> str:
        roles = ", ".join(str(name) for name in ROLE_NAMES.values())
        return {
            "no_name": gettext("Il manque le prénom."),
            "role_unknown": gettext("Ce rôle n’existe pas. Il y a : %(roles)s.") % {"roles": roles},
            "role_elsewhere": gettext("Ce rôle ne se donne pas dans ce lieu. Choisissez-en un autre."),
            "not_a_mail": gettext("Ce n’est pas une adresse mail. Laissez vide : l’invitation s’imprime."),
            "mail_taken": gettext("Un compte a déjà ce mail."),
            "accepted": gettext("Ce compte a servi depuis : il reste. Fermez-le dans « Équipe »."),
            "linked": gettext("Ce compte a servi depuis : il reste. Fermez-le dans « Équipe »."),
            "acted": gettext("Ce compte a changé depuis : il reste. Fermez-le dans « Équipe »."),
        }.get(str(fault["code"]), "")

    def ground(self, batch: Batch, at: datetime) -> Ground:
        ground = super().ground(batch, at)
        below = Organisation.objects.filter(path__startswith=batch.node.path, is_open=True).order_by("path")
        ground.kept["places"] = {folded(node.name): node for node in reversed(list(below))}
        return ground

    def read(self, number: int, cells: Mapping[str, str], ground: Ground) -> Reading:
        reading = Reading(number, dict(cells))
        first = _text(reading, "first_name", 80)
        if not first:
            reading.faults.append(Fault("first_name", "no_name"))
        said = folded(cells.get("role", ""))
        role = ROLE_OF.get(said)
        if role is None:
            reading.faults.append(Fault("role", "role_unknown", cells.get("role", "")))
        node: Organisation | None = ground.node
        if place := _text(reading, "place", 160):
            node = ground.kept["places"].get(folded(place))
            if node is None:
                reading.faults.append(Fault("place", "not_in_scope", place))
        if role is not None and node is not None and not fits(role, node.kind):
            reading.faults.append(Fault("role", "role_elsewhere", cells.get("role", "")))
        email = _text(reading, "email", 254)
        if email:
            try:
                validate_email(email)
            except ValidationError:
                reading.faults.append(Fault("email", "not_a_mail", email))
        reading.values = Colleague(
            first, _text(reading, "last_name", 80), _text(reading, "title", 80), email, role, node
        )
        return reading

    def known(
        self, readings: Sequence[Reading], ground: Ground, earlier: Sequence[Reading] = ()
    ) -> list[Verdict]:
        held = Membership.objects.current().filter(organisation__path__startswith=ground.node.path)
        people = list(User.objects.filter(pk__in=held.values("user")).order_by("pk"))
        by_name = {folded(user.full_name): user for user in people}
        wanted = [reading.values.email.lower() for reading in readings if reading.values.email]
        taken = {
            email.lower(): uuid
            for email, uuid in User.objects.exclude(email="").values_list("email", "uuid")
            if email.lower() in set(wanted)
        }
        here = {user.uuid for user in people}
        seen = {folded(reading.values.full_name): reading.number for reading in earlier}
        verdicts = []
        for reading in readings:
            verdict, one = Verdict(), reading.values
            email, name = one.email.lower(), folded(one.full_name)
            if email in taken:
                if taken[email] in here:
                    verdict.there = f"user:{taken[email]}"
                else:
                    verdict.faults.append(Fault("email", "mail_taken", one.email))
            elif name in by_name:
                verdict.alike.append(Alike(0.9, "possible", ("same_name",), f"user:{by_name[name].uuid}"))
            if name in seen:
                verdict.faults.append(
                    Fault("last_name", "twice_in_file", one.last_name, facts={"row": seen[name]})
                )
            seen.setdefault(name, reading.number)
            verdicts.append(verdict)
        return verdicts

    def reason_words(self, reading: Reading, other: str | Reading) -> list[Any]:
        return [gettext("même nom")]

    def side_by_side(self, reading: Reading, other: str | Reading) -> list[Line]:
        user = User.objects.filter(uuid=_uuid(other)).first() if isinstance(other, str) else None
        if user is None:
            return []
        ours = reading.values
        roles = ", ".join(str(ROLE_NAMES[Role(each.role)]) for each in user.current_memberships)
        lines = [
            same_line(gettext("Prénom"), ours.first_name, user.first_name),
            same_line(gettext("Nom"), ours.last_name, user.last_name),
            same_line(gettext("Rôle"), str(ROLE_NAMES[ours.role]) if ours.role else "", roles),
            same_line(gettext("Mail"), ours.email, user.email),
        ]
        return [line for line in lines if line is not None]

    def same_words(self) -> str:
        return gettext("La même : lui donner aussi ce rôle")

    def apart_words(self) -> str:
        return gettext("Deux personnes")

    def name_of_thing(self, thing: str, user: User) -> str:
        found = User.objects.filter(uuid=_uuid(thing)).first()
        return found.full_name if found else ""

    def url_of_thing(self, thing: str) -> str:
        return reverse("accounts:staff")

    def write(self, todo: Sequence[Todo], ground: Ground, *, by: User | Actor, at: datetime) -> list[Outcome]:
        outcomes = []
        for each in todo:
            one: Colleague = each.reading.values
            assert one.role is not None
            assert one.node is not None
            known = User.objects.filter(uuid=_uuid(each.same_as)).first() if each.same_as else None
            if known is not None:
                had = known.memberships.filter(organisation=one.node, role=one.role, ended_at=None).exists()
                given = accounts.give_role(known, one.role, one.node, by=by, at=at)
                done = {"role": "" if had else str(given.uuid)}
                outcomes.append(Outcome(RowState.WRITTEN, f"user:{known.uuid}", done))
                continue
            invited = accounts.invite(
                first_name=one.first_name, last_name=one.last_name, title=one.title, email=one.email,
                role=one.role, node=one.node, by=by, at=at,
            )  # fmt: skip
            outcomes.append(Outcome(RowState.WRITTEN, f"user:{invited.user.uuid}", {}))
        return outcomes

    def _why_kept(self, user: User) -> str:
        if user.has_usable_password() or user.last_login or user.closed_at:
            return "accepted"
        thing = f"user:{user.uuid}"
        if _acted(thing, ["account.invite"]) or Entry.objects.filter(actor=str(user.actor)).exists():
            return "acted"
        return "linked" if is_linked(user, _OWN_OF_USER) else ""

    def undo(self, rows: Sequence[Row], ground: Ground, *, by: User | Actor, at: datetime) -> list[Outcome]:
        outcomes = []
        for row in rows:
            user = User.objects.filter(uuid=_uuid(row.thing)).first()
            if user is None:
                outcomes.append(Outcome(RowState.UNDONE))
                continue
            if "role" in row.written:
                given = Membership.objects.filter(uuid=row.written["role"] or None, ended_at=None).first()
                if given is not None and user.memberships.filter(ended_at=None).count() > 1:
                    accounts.end_role(given, by=by, at=at)
                outcomes.append(Outcome(RowState.UNDONE))
                continue
            if why := self._why_kept(user):
                outcomes.append(Outcome(RowState.KEPT, errors=[Fault("", why)]))
                continue
            cancel_messages(f"user:{user.uuid}", at=at)
            Membership.objects.filter(user=user).delete()
            user.delete()
            outcomes.append(Outcome(RowState.UNDONE))
        return outcomes

    def foreseen_kept(self, things: Sequence[str], ground: Ground) -> dict[str, str]:
        rows = Row.objects.filter(batch=ground.batch, state=RowState.WRITTEN)
        opened = [row.thing for row in rows if "role" not in row.written]
        users = User.objects.filter(uuid__in=[uuid for thing in opened if (uuid := _uuid(thing))])
        found = {f"user:{user.uuid}": self._why_kept(user) for user in users}
        return {thing: why for thing, why in found.items() if why}

    def rows_out(self, nodes: Sequence[Organisation], at: datetime, *, by: User) -> Iterator[Sequence[Any]]:
        yield [str(each.label) for each in self.fields]
        held = Membership.objects.current().filter(organisation__in=[node.pk for node in nodes])
        for one in held.select_related("user", "organisation").order_by("organisation__path", "pk"):
            user = one.user
            role = re.sub(r" ou .*", "", str(ROLE_NAMES[Role(one.role)]))
            yield [user.first_name, user.last_name, role, one.organisation.name, user.title, user.email]


register(Organisations())
register(Staff())
