"""Who may do what with the house as a whole, and with all that is held of one person."""

from datetime import datetime

from django.utils import timezone

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import User
from bagage.people.domain.fields import Field
from bagage.people.models import Person, is_followed
from bagage.people.permissions import can_change_identity, sight_of
from bagage.trail.permissions import can_set_privacy_rules


def can_keep_backups(user: User) -> bool:
    """Administrators of the whole installation: those whose role stands at the root."""
    return user.can(Ability.RUN_HOUSE) and any(node.depth == 1 for node in user.nodes(Ability.RUN_HOUSE))


def can_keep_privacy(user: User, person: Person, now: datetime | None = None) -> bool:
    """Programme leads and administrators where she is followed; those of the whole network for anyone."""
    if answers_for_all(user):
        return True
    node_ids = user.node_ids(Ability.KEEP_PRIVACY)
    if not node_ids:
        return False
    return is_followed(person.pk, node_ids, now or timezone.now())


def answers_for_all(user: User) -> bool:
    """Programme leads and administrators of the whole network: how long files are kept is theirs to say."""
    return can_set_privacy_rules(user)


def can_give_everything(user: User, person: Person, now: datetime | None = None) -> bool:
    """Who may change who she is and reads all that is in it: nobody takes out by it more than she may read."""
    return can_change_identity(user, person, now) and sight_of(user, person, now).shows_all(Field)


def can_freeze_file(user: User, person: Person, now: datetime | None = None) -> bool:
    """Who may change who she is, or answers for privacy there: she must not have to look for them."""
    return can_change_identity(user, person, now) or can_keep_privacy(user, person, now)
