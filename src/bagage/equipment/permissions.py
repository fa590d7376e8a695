"""Who may do what with devices."""

from datetime import datetime

from django.utils import timezone

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import Organisation, User
from bagage.people.domain.fields import Field
from bagage.people.models import Person, is_followed
from bagage.people.permissions import can_read
from bagage.permanences.models import Site


def can_see_devices(user: User, site: Site | None = None) -> bool:
    """Reception, advisers, who keeps the stock, programme leads: the board, at their sites."""
    return user.can(Ability.SEE_DEVICES, _node(site))


def can_keep_devices(user: User, site: Site | None = None) -> bool:
    """Who keeps the stock and programme leads: bring in, measure, change state and place."""
    return user.can(Ability.KEEP_STOCK, _node(site))


def can_reserve_at(user: User, site: Site | None = None) -> bool:
    """Reception, advisers and programme leads: keep a device of that site for someone, hand it over."""
    return user.can(Ability.HAND_OVER, _node(site))


def can_read_devices_of(user: User, person: Person, now: datetime | None = None) -> bool:
    """Who reads files at a node that follows her; not a volunteer who sees her for a while."""
    return can_read(user, person, Field.DEVICES, now)


def can_hand_over_to(user: User, person: Person, now: datetime | None = None) -> bool:
    """Reception, advisers and programme leads at a node that follows her: keep, hand over, undo, take back."""
    return _is_followed_where(user, Ability.HAND_OVER, person, now)


def can_change_rules(user: User) -> bool:
    """Programme leads and administrators: how many devices, for how long a warranty and a reservation last."""
    return user.can(Ability.RUN_SHOP)


def _node(site: Site | None) -> Organisation | None:
    return None if site is None else site.organisation


def _is_followed_where(user: User, ability: Ability, person: Person, now: datetime | None) -> bool:
    node_ids = user.node_ids(ability)
    if not node_ids:
        return False
    return is_followed(person.pk, node_ids, now or timezone.now())
