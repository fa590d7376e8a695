"""A place keeps its own record true, by a signed link without an account; someone here reads what it says."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bagage.accounts.models import User
from bagage.common.errors import BusinessError, Conflict
from bagage.common.links import LinkRefused, make_token, read_token
from bagage.directory.models import LinksEnded, Proposal, Structure
from bagage.directory.services.corrections import FIELDS, correct, value_said
from bagage.trail.domain.actor import Actor
from bagage.trail.services import record

PURPOSE = "own_record"
LINK_LIFE = timedelta(days=180)


class LinkTakenBack(LinkRefused):
    """It was ours, and whoever gave it took it back."""

    status = 410

    def __init__(self) -> None:
        super().__init__(_("Ce lien a été retiré par l’équipe qui l’avait donné : il n’ouvre plus la fiche."))


def link_token(structure: Structure) -> str:
    """The token of the address by which a place keeps its record; good for half a year, or until it is taken back."""
    return make_token(PURPOSE, [str(structure.uuid), _serial(structure)], LINK_LIFE)


def structure_of_token(token: str) -> Structure:
    """The place of a token. Raises :class:`~bagage.common.links.LinkRefused`."""
    said = read_token(PURPOSE, token)
    # Links from before there were serials hold the place alone.
    uuid, serial = said if isinstance(said, list) else (said, 0)
    found = Structure.objects.prefetch_related("services").filter(uuid=uuid).first()
    if found is None:
        raise BusinessError(_("Cette fiche n’existe plus."))
    if serial < _serial(found):
        raise LinkTakenBack
    return found


def _serial(structure: Structure) -> int:
    return LinksEnded.objects.filter(structure=structure).values_list("serial", flat=True).first() or 0


@transaction.atomic
def give_link(structure: Structure, *, by: User, at: datetime | None = None) -> str:
    """A link for a place, handed over by someone here; its token."""
    record(by.actor, "directory.send_link", at=at or timezone.now(), thing=f"structure:{structure.uuid}")
    return link_token(structure)


@transaction.atomic
def end_links(structure: Structure, *, by: User, at: datetime | None = None) -> None:
    """All links that were given to a place open nothing any more; what it said by them stays to be read."""
    at = at or timezone.now()
    held = Structure.objects.select_for_update(of=("self",)).get(pk=structure.pk)
    LinksEnded.objects.update_or_create(
        structure=held, defaults={"serial": _serial(held) + 1, "ended_at": at, "ended_by": by}
    )
    record(by.actor, "directory.end_links", at=at, thing=f"structure:{held.uuid}")


@transaction.atomic
def propose(
    structure: Structure,
    values: Mapping[str, Any],
    *,
    words: str = "",
    signed_by: str = "",
    key: UUID,
    at: datetime | None = None,
) -> Proposal | None:
    """What a place says of itself: kept until someone here reads it; ``None`` when it says that all is true still.

    Sent twice with one ``key``, it is one. Only what differs from the record is kept.
    """
    at = at or timezone.now()
    known = Proposal.objects.filter(key=key).first()
    if known is not None:
        return known
    held = Structure.objects.select_for_update(of=("self",)).get(pk=structure.pk)
    changed = {
        name: value for name, value in values.items() if name in FIELDS and value != value_said(held, name)
    }
    by = Actor.link(str(held.uuid))
    if not changed and not words.strip():
        held.verified_on, held.changed_at = timezone.localdate(at), at
        held.save(update_fields=["verified_on", "changed_at"])
        record(by, "directory.propose", at=at, thing=f"structure:{held.uuid}")
        return None
    proposal = Proposal.objects.create(
        structure=held,
        values=changed,
        was={name: value_said(held, name) for name in changed},
        words=words.strip()[:2000],
        signed_by=signed_by.strip()[:120],
        key=key,
        created_at=at,
    )
    record(by, "directory.propose", at=at, thing=f"structure:{held.uuid}", fields=sorted(changed))
    return proposal


@transaction.atomic
def accept(proposal: Proposal, fields: Collection[str], *, by: User, at: datetime | None = None) -> None:
    """These fields of a proposal hold from now on; the others are left. Without any it is refused."""
    at = at or timezone.now()
    held = _waiting(proposal)
    chosen = [name for name in held.values if name in fields]
    if held.values and not chosen:
        raise BusinessError(_("Cochez au moins un champ, ou refusez en disant pourquoi."))
    for name in chosen:
        correct(held.structure, name, held.values[name], by=by, proposal=held, at=at)
    Structure.objects.filter(pk=held.structure_id).update(verified_on=timezone.localdate(at), changed_at=at)
    _close(held, Proposal.State.ACCEPTED, "", by, at)
    record(
        by.actor, "directory.accept", at=at, thing=f"structure:{held.structure.uuid}", fields=sorted(chosen)
    )


@transaction.atomic
def refuse(proposal: Proposal, reason: str, *, by: User, at: datetime | None = None) -> None:
    """Nothing of it holds; the reason is kept."""
    at = at or timezone.now()
    if not reason.strip():
        raise BusinessError(_("Dites pourquoi, en quelques mots."), field="reason")
    held = _waiting(proposal)
    _close(held, Proposal.State.REFUSED, reason.strip()[:200], by, at)
    record(by.actor, "directory.refuse", at=at, thing=f"structure:{held.structure.uuid}")


def _waiting(proposal: Proposal) -> Proposal:
    held = Proposal.objects.select_for_update(of=("self",)).select_related("structure").get(pk=proposal.pk)
    if held.state != Proposal.State.WAITING:
        raise Conflict(_("Quelqu’un l’a déjà lue : rechargez la page."))
    return held


def _close(held: Proposal, state: str, reason: str, by: User, at: datetime) -> None:
    held.state, held.reason, held.reviewed_by, held.reviewed_at = state, reason, by, at
    held.save(update_fields=["state", "reason", "reviewed_by", "reviewed_at"])
