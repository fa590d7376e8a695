"""Who may do what in fair connection."""

from datetime import datetime

from django.utils import timezone

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import User
from bagage.people.domain.fields import Field
from bagage.people.models import Person, is_followed
from bagage.people.permissions import can_read

# ---------- the catalogue ----------


def can_read_catalogue(user: User) -> bool:
    """All who work in a permanence or lead; not who only refers."""
    return user.can(Ability.READ_CATALOGUE)


def can_keep_catalogue(user: User) -> bool:
    """Local officers, programme leads, administrators: the catalogue is that of the whole network."""
    return user.can(Ability.KEEP_CATALOGUE)


# ---------- advice ----------


def can_advise(user: User, person: Person, now: datetime | None = None) -> bool:
    """Advisers and the programme lead, at a node that follows her: advice rests on her obstacles and her money."""
    return can_read(user, person, Field.ADVICE, now)


def can_keep_texts(user: User) -> bool:
    """Whoever keeps the catalogue: the figures of usage, and how each obstacle is lifted."""
    return can_keep_catalogue(user)


# ---------- lines ----------


def can_read_lines(user: User, person: Person, now: datetime | None = None) -> bool:
    """Who reads files at a node that follows her; not a volunteer who sees her for a while."""
    return can_read(user, person, Field.LINES, now)


def can_change_lines(user: User, person: Person, now: datetime | None = None) -> bool:
    """Reception, advisers and programme leads at a node that follows her: open a line, top it up, end it, undo."""
    return _is_followed_where(user, Ability.RECEIVE, person, now)


def _is_followed_where(user: User, ability: Ability, person: Person, now: datetime | None) -> bool:
    node_ids = user.node_ids(ability)
    if not node_ids:
        return False
    return is_followed(person.pk, node_ids, now or timezone.now())
