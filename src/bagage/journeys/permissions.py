"""Who may ask, read and change what, in the file of one person. What is false here is not on the page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from bagage.accounts.domain.roles import ABILITIES, Ability, Role
from bagage.accounts.models import ROLE_NAMES, Organisation, User
from bagage.common.prepared import prepared
from bagage.people.domain.fields import Field, Sight, Tie
from bagage.people.models import Following, Person, is_followed
from bagage.people.permissions import sight_at


@dataclass(frozen=True, slots=True)
class FileView:
    """What one reader has before her in one file.

    ``in_scope``: a role of hers reads files where this person is followed; else she sees her for a while only (a
    volunteer with whom she is booked): her name, her sign, her requests, today's appointment, and nothing else.
    ``sight``: which of her facts are shown (``people/domain/fields.py``); the rest says what may be done.
    ``diagnosis``: answers, evidence, obstacles, notes. ``interview``: asks everything; ``three_questions``: asks those
    of reception. ``receive``: gives and changes appointments. ``requests``: writes them down.
    """

    sight: Sight
    in_scope: bool
    diagnosis: bool
    interview: bool
    three_questions: bool
    receive: bool
    requests: bool
    nodes: tuple[Organisation, ...] = ()
    followed_by: tuple[Organisation, ...] = ()

    @property
    def fields(self) -> frozenset[Field]:
        """The facts that are shown, for a template: ``{% if "card" in view.fields %}``."""
        return self.sight.fields

    def shows(self, field: Field) -> bool:
        """Whether this fact of hers is shown to this reader."""
        return self.sight.shows(field)

    @property
    def place(self) -> str:
        """Where the trail notes what she does and reads here."""
        found = self.nodes or self.followed_by
        return str(found[0].uuid) if found else "network"

    def working_node(self) -> Organisation | None:
        """The permanence in whose name she acts: the first that follows this person."""
        return self.nodes[0] if self.nodes else None


@prepared
def _followings(files: Iterable[int], now: datetime) -> QuerySet[Following]:
    return (
        Following.objects.current(now)
        .filter(person_id__in=files)
        .select_related("node")
        .order_by("started_at", "pk")
    )


def file_view(user: User, person: Person, *, files: list[int], now: datetime) -> FileView:
    """The view of ``user`` on a person that she may see at all (``Person.objects.visible_to``); one query.

    Each right counts only on the nodes that follow this person now: an adviser of another permanence, who is a
    receptionist here, reads as a receptionist.
    """
    nodes = [following.node for following in _followings(files, now)]
    rights = {
        ability: [node for node in nodes if user.can(ability, node)]
        for ability in (Ability.READ_FILE, Ability.INTERVIEW, Ability.RECEIVE)
    }
    in_scope = bool(rights[Ability.READ_FILE])
    interview = in_scope and bool(rights[Ability.INTERVIEW])
    receive = in_scope and bool(rights[Ability.RECEIVE])
    sight = sight_at(user, nodes, *([] if in_scope else [Tie.FOR_A_WHILE]))
    return FileView(
        sight=sight,
        in_scope=in_scope,
        diagnosis=sight.shows(Field.EVIDENCE),
        interview=interview,
        three_questions=interview or receive,
        receive=receive,
        requests=interview or receive,
        nodes=tuple(rights[Ability.INTERVIEW] or rights[Ability.READ_FILE]),
        followed_by=tuple(nodes),
    )


def reading_role(user: User, view: FileView) -> str:
    """In which role this file is read: the one that opens most of it where she is followed."""
    order = (Ability.INTERVIEW, Ability.READ_DIAGNOSIS, Ability.READ_FILE, Ability.BE_BOOKED, Ability.WELCOME)
    for ability in order:
        for membership in user.current_memberships:
            role = Role(membership.role)
            reaches = not view.in_scope or any(
                node.path.startswith(membership.organisation.path) for node in view.followed_by
            )
            if ability in ABILITIES[role] and reaches:
                return str(ROLE_NAMES[role])
    return ""


def can_close_journey(user: User, person: Person, now: datetime | None = None) -> bool:
    """Advisers and the programme lead, at a node that follows her: exit, follow-up, coming back."""
    return _is_followed_where(user, (Ability.CLOSE_JOURNEY,), person, now)


def can_book_request(user: User, person: Person, now: datetime | None = None) -> bool:
    """Whoever writes her requests down, at a node that follows her: reception, advisers, the programme lead."""
    return _is_followed_where(user, (Ability.RECEIVE, Ability.INTERVIEW), person, now)


def can_see_demand(user: User) -> bool:
    """Whoever plans sessions: advisers and the programme lead. Figures and words, no name."""
    return user.can(Ability.PLAN_SESSIONS)


def can_see_follow_ups(user: User) -> bool:
    """Whoever closes journeys somewhere; the list holds those whom her places follow."""
    return user.can(Ability.CLOSE_JOURNEY)


def _is_followed_where(
    user: User, abilities: tuple[Ability, ...], person: Person, now: datetime | None
) -> bool:
    nodes = frozenset[int]().union(*(user.node_ids(ability) for ability in abilities))
    if not nodes:
        return False
    return is_followed(person.pk, nodes, now or timezone.now())


THREE_QUESTIONS = frozenset({"connected_today", "last_time", "wants", "interpreter", "language"})


def answerable(view: FileView, name: str) -> bool:
    """Whether this reader may answer the question of that name."""
    return view.interview or (view.three_questions and name in THREE_QUESTIONS)
