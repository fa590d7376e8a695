"""The facts of one person, over all files that were marked as hers."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils import timezone

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import Organisation, User
from bagage.common.prepared import prepared
from bagage.common.together import Asking, together
from bagage.people.models import (
    AccessRequest,
    Agreement,
    ContactWay,
    Following,
    Person,
    SituationFact,
    followed_by,
)

FEW = 2_000


def identity_ids(person: Person) -> list[int]:
    """The keys of her file and of all files that were marked as hers, her own (the one that is kept) first."""
    root = person.merged_into_id or person.pk
    return [root, *_marked_as(root)]


@prepared
def _marked_as(root: int) -> QuerySet[Person, int]:
    return Person.objects.filter(merged_into_id=root).order_by("pk").values_list("pk", flat=True)


def whole_person(person: Person) -> Person:
    """The file that is kept: herself, unless this one was marked as another's."""
    return person if person.merged_into is None else person.merged_into


def situation_now(person: Person) -> dict[str, SituationFact]:
    """The newest fact of each obstacle that was ever spoken of."""
    facts = SituationFact.objects.filter(person_id__in=identity_ids(person)).order_by(
        "said_on", "written_at", "pk"
    )
    return {fact.obstacle: fact for fact in facts}


def contact_ways_now(person: Person) -> list[ContactWay]:
    """The ways to reach her that hold, newest first."""
    return list(
        ContactWay.objects.filter(person_id__in=identity_ids(person), ended_at=None).order_by(
            "-started_at", "-pk"
        )
    )


def agreements_now(person: Person) -> list[Agreement]:
    """The newest answer to each thing she was told or asked, newest first."""
    said = Agreement.objects.filter(person_id__in=identity_ids(person)).order_by("-said_at", "-pk")
    newest: dict[tuple[str, str, str], Agreement] = {}
    for agreement in said:
        newest.setdefault((agreement.kind, agreement.with_whom, agreement.about), agreement)
    return list(newest.values())


def place_of(person: Person, user: User | None = None, now: datetime | None = None) -> str:
    """Where the trail notes an act on her file: the node that follows her, one where ``user`` works if there is one.

    ``"network"`` when nobody follows her any more.
    """
    now = now or timezone.now()
    followings = _who_follows(identity_ids(person), now)
    if user is not None:
        mine = (
            user.node_ids(Ability.LOOK_UP) | user.node_ids(Ability.READ_FILE) | user.node_ids(Ability.WELCOME)
        )
        followings.sort(key=lambda row: row[0] not in mine)
    return str(followings[0][1]) if followings else "network"


@prepared
def _who_follows(files: Iterable[int], now: datetime) -> QuerySet[Following, tuple[int, UUID]]:
    followings = Following.objects.current(now).filter(person_id__in=files)
    return followings.order_by("-started_at", "-pk").values_list("node_id", "node__uuid")


def sites_that_follow(person: Person, now: datetime) -> list[Organisation]:
    """The nodes that follow her now, newest first."""
    followings = (
        Following.objects.current(now)
        .filter(person_id__in=identity_ids(person))
        .select_related("node")
        .order_by("-started_at", "-pk")
    )
    return list(dict.fromkeys(following.node for following in followings))


def persons_followed(node_ids: Iterable[int], now: datetime) -> QuerySet[Person]:
    """The files followed now by one of these nodes, herself or by a file that was marked as hers; for a list of them.

    Where few are followed, the list is made from who is followed; where many are, from all files in the order of the
    list, until a page is full: either way costs far more where the other suits. One query to choose.
    """
    nodes = list(node_ids)
    current = Following.objects.current(now).filter(node_id__in=nodes)
    if current[: FEW + 1].count() > FEW:
        return Person.objects.whole().followed_in(nodes, now)
    here = current.order_by().values("person_id")
    marked = Person.objects.filter(merged_into__isnull=False).order_by()
    kept = marked.filter(Exists(current.filter(person=OuterRef("pk")))).values("merged_into_id")
    return Person.objects.whole().filter(pk__in=here.union(kept))


def access_requests_waiting(node_ids: Iterable[int], now: datetime | None = None) -> QuerySet[AccessRequest]:
    """Files followed by these nodes that another site opened with a written reason, not yet looked at here."""
    nodes = list(node_ids)
    return (
        AccessRequest.objects.filter(
            followed_by(nodes, now or timezone.now(), "person"), granted_at=None, refused_at=None
        )
        .exclude(for_node_id__in=nodes)
        .select_related("person", "for_node", "asked_by")
        .order_by("asked_at", "pk")
    )


@together
def access_requests_count(node: int, now: datetime) -> Asking[int]:
    """How many of them wait at one node. One query."""
    return sum((yield _how_many_ask.of(node, now).wide("how many")))


@prepared
def _how_many_ask(node: int, now: datetime) -> QuerySet[AccessRequest, int]:
    waiting = access_requests_waiting([node], now).order_by().values("granted_at")
    return waiting.annotate(found=Count("pk")).values_list("found", flat=True)
