"""Who may do what at the counter."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import User
from bagage.people.domain.fields import Field
from bagage.people.models import Person, is_followed
from bagage.people.permissions import can_read
from bagage.permanences.models import Site
from bagage.shop.models import AccessRight

# ---------- a site ----------


def can_sell(user: User, site: Site) -> bool:
    """Reception, advisers and programme leads there: sell, refund, correct, open and close the till, read its sales."""
    return user.can(Ability.SELL, site.organisation)


def can_see_stock(user: User, site: Site) -> bool:
    """Who sells there, and who keeps stock there."""
    return can_sell(user, site) or can_keep_stock(user, site)


def can_keep_stock(user: User, site: Site) -> bool:
    """Logistics and programme leads there: what comes in, what is counted, what moves to another site."""
    return user.can(Ability.KEEP_STOCK, site.organisation)


# ---------- a person ----------


def can_sell_to(user: User, person: Person, now: datetime | None = None) -> bool:
    """Who sells at a node that follows her."""
    return _is_followed_where(user, Ability.SELL, person, now)


def can_read_purchases(user: User, person: Person, now: datetime | None = None) -> bool:
    """Who reads files at a node that follows her: what remains, until when, what she bought."""
    return can_read(user, person, Field.PURCHASES, now)


def can_grant_right(user: User, person: Person, now: datetime | None = None) -> bool:
    """Reception, advisers and programme leads at a node that follows her: open, renew, end a right."""
    return _is_followed_where(user, Ability.GRANT_RIGHTS, person, now)


def can_change_right(user: User, right: AccessRight, now: datetime | None = None) -> bool:
    """Who may open one for the person whose right it is."""
    return can_grant_right(user, right.person, now)


# ---------- the network ----------


def can_see_products(user: User) -> bool:
    """Who sells or keeps stock somewhere, and who runs the counter."""
    return user.can(Ability.SELL) or user.can(Ability.KEEP_STOCK) or can_run_shop(user)


def can_run_shop(user: User) -> bool:
    """Programme leads and administrators: products, prices, caps and periods are those of the whole network."""
    return user.can(Ability.RUN_SHOP)


def _is_followed_where(user: User, ability: Ability, person: Person, now: datetime | None) -> bool:
    node_ids = user.node_ids(ability)
    if not node_ids:
        return False
    return is_followed(person.pk, node_ids, now or timezone.now())
