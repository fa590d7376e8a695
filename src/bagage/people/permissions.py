"""Who may do what with a person's file."""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from bagage.accounts.domain.roles import ABILITIES, Ability, Role
from bagage.accounts.models import Organisation, User
from bagage.people.domain.fields import OPENED_BY, Field, Sight, Tie
from bagage.people.models import Following, Person, is_followed, is_visible_to

# ---------- what is shown ----------


def sight_at(user: User, nodes: Iterable[Organisation], *ties: Tie) -> Sight:
    """What the roles of ``user`` at these nodes, which follow a person, let her see of that person. No query."""
    paths = [node.path for node in nodes]
    held = [
        ABILITIES[Role(each.role)]
        for each in user.current_memberships
        if any(path.startswith(each.organisation.path) for path in paths)
    ]
    return Sight(frozenset[Ability]().union(*held), frozenset(ties))


def sight_of(user: User, person: Person, now: datetime | None = None) -> Sight:
    """What this user sees of this person now (:mod:`bagage.people.domain.fields`).

    Two queries for someone whom a node of hers follows; of the others it is asked whether they are booked or queued
    with her, which lets some of it be seen for a while.
    """
    now = now or timezone.now()
    files = [person.pk, *Person.objects.filter(merged_into=person).values_list("pk", flat=True)]
    followings = Following.objects.current(now).filter(person_id__in=files).select_related("node")
    sight = sight_at(user, [following.node for following in followings])
    if Ability.READ_FILE in sight.abilities or not can_open_file(user, person, now):
        return sight
    return Sight(sight.abilities, frozenset({Tie.FOR_A_WHILE}))


def can_read(user: User, person: Person, field: Field, now: datetime | None = None) -> bool:
    """Whether this fact of this person is shown to this user, by a role of hers at a node that follows her.

    One query. A reader who is bound to her otherwise is asked for by :func:`sight_of`.
    """
    held = (user.node_ids(opener) for opener in OPENED_BY[field] if isinstance(opener, Ability))
    node_ids = frozenset[int]().union(*held)
    if not node_ids:
        return False
    return is_followed(person.pk, node_ids, now or timezone.now())


def shown_name(person: Person, sight: Sight) -> str:
    """Her name as it is shown: whole, or what she is called and a first letter."""
    return person.full_name if sight.shows(Field.NAME) else person.short_name


def name_for(user: User, person: Person, now: datetime | None = None) -> str:
    """Her name as this user reads it. One query."""
    return person.full_name if can_read(user, person, Field.NAME, now) else person.short_name


def listed_fields(user: User, node_ids: Iterable[int]) -> frozenset[Field]:
    """What a list of the persons followed by these nodes may say of each: what is shown at every one of them."""
    nodes = frozenset(node_ids)

    def is_open(field: Field) -> bool:
        held = (user.node_ids(opener) for opener in OPENED_BY[field] if isinstance(opener, Ability))
        return nodes <= frozenset[int]().union(*held)

    return frozenset(field for field in Field if nodes and is_open(field))


# ---------- what may be done ----------


def can_look_up(user: User) -> bool:
    """Reception, advisers and the programme lead; never a volunteer or a referrer."""
    return user.can(Ability.LOOK_UP)


def can_open_file(user: User, person: Person, now: datetime | None = None) -> bool:
    """Who reads files at a node that follows her; a volunteer with whom she is booked or queued these days."""
    return is_visible_to(user, person.pk, now)


def can_read_diagnosis(user: User, person: Person, now: datetime | None = None) -> bool:
    """Advisers and the programme lead, at a node that follows her: obstacles, answers, notes."""
    return can_read(user, person, Field.OBSTACLES, now)


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
    return is_followed(person.pk, node_ids, now or timezone.now())
