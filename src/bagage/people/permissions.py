"""Who may do what with a person's file."""

from datetime import datetime

from django.utils import timezone

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import Organisation, User
from bagage.people.models import Person


def can_look_up(user: User) -> bool:
    """Reception, advisers and the programme lead; never a volunteer or a referrer."""
    return user.can(Ability.LOOK_UP)


def can_open_file(user: User, person: Person, now: datetime | None = None) -> bool:
    """Who reads files at a node that follows her; a volunteer with whom she is booked or queued these days."""
    return Person.objects.visible_to(user, now).filter(pk=person.pk).exists()


def can_read_diagnosis(user: User, person: Person, now: datetime | None = None) -> bool:
    """Advisers and the programme lead, at a node that follows her: obstacles, answers, notes."""
    return _is_followed_where(user, Ability.READ_DIAGNOSIS, person, now)


def can_change_identity(user: User, person: Person, now: datetime | None = None) -> bool:
    """Who looks persons up at a node that follows her: names, birth, ways to reach her, agreements, cards."""
    return _is_followed_where(user, Ability.LOOK_UP, person, now)


def can_mark_as_same(user: User, one: Person, other: Person, now: datetime | None = None) -> bool:
    """Who may change the identity of both files; the same for separating them."""
    return can_change_identity(user, one, now) and can_change_identity(user, other, now)


def can_open_new_file(user: User, node: Organisation) -> bool:
    """Who looks persons up at that permanence."""
    return user.can(Ability.LOOK_UP, node)


def can_answer_access(user: User, person: Person, now: datetime | None = None) -> bool:
    """Who may change her identity at a node that follows her, and so answers for that node."""
    return can_change_identity(user, person, now)


def _is_followed_where(user: User, ability: Ability, person: Person, now: datetime | None) -> bool:
    node_ids = user.node_ids(ability)
    if not node_ids:
        return False
    return Person.objects.followed_in(node_ids, now or timezone.now()).filter(pk=person.pk).exists()
