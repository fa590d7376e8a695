"""Two files that are one person, and two persons again. Someone says so; it is never done by itself.

No row of another table moves. Each step is a :class:`Merge` between two files that were then whole;
``Person.merged_into`` is worked out from the steps that hold, and always names the file kept in the end.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext

from bagage.accounts.models import User, actor_of
from bagage.common import words
from bagage.common.errors import BusinessError, Conflict
from bagage.people.events import persons_merged, persons_separated
from bagage.people.models import Merge, NotTheSame, Person
from bagage.people.queries.facts import identity_ids
from bagage.people.services._common import note


@transaction.atomic
def mark_as_same(
    kept: Person, merged: Person, *, reasons: str = "", by: User, at: datetime | None = None
) -> Merge:
    """From now on both files are one person, shown under ``kept``; nothing is lost and it can be undone.

    Refused when they are already one (in either order, through any number of steps), when someone said that they are
    two persons, or when one was erased.
    """
    at = at or timezone.now()
    kept, merged = lock_whole(kept, merged)
    if kept.pk == merged.pk:
        raise Conflict(gettext("Ces deux dossiers sont déjà réunis."))
    if kept.erased_at or merged.erased_at:
        raise BusinessError(gettext("Un dossier effacé ne peut plus être réuni."))
    ones, others = identity_ids(kept), identity_ids(merged)
    apart = NotTheSame.objects.filter(
        Q(one__in=ones, other__in=others) | Q(one__in=others, other__in=ones)
    ).first()
    if apart is not None:
        raise BusinessError(
            gettext(
                "Le %(day)s, quelqu’un a dit que ce sont deux personnes. "
                "Si c’était une erreur, reprenez d’abord cette réponse."
            )
            % {"day": words.day_short(apart.said_at, year=True)}
        )
    merge = Merge.objects.create(kept=kept, merged=merged, reasons=reasons[:300], merged_at=at, merged_by=by)
    Person.objects.filter(pk__in=others).update(merged_into=kept)
    merged.merged_into = kept
    persons_merged.send(sender=Merge, merge=merge, kept=kept, merged=merged, by=actor_of(by), at=at)
    thing = f"merge:{merge.uuid}"
    note(by, "mark_as_same", kept, at=at, thing=thing)
    note(by, "mark_as_same", merged, at=at, thing=thing)
    return merge


@transaction.atomic
def separate(merge: Merge, *, by: User, at: datetime | None = None) -> None:
    """Two persons again: both files as they were, with all that was written in each, before and since."""
    at = at or timezone.now()
    merge = Merge.objects.select_related("kept", "merged").get(pk=merge.pk)
    lock_whole(merge.kept, merge.merged)
    if not Merge.objects.filter(pk=merge.pk, separated_at=None).update(separated_at=at, separated_by=by):
        raise Conflict(gettext("Ces deux dossiers sont déjà séparés."))
    files = identity_ids(merge.merged)
    steps = dict(
        Merge.objects.filter(separated_at=None, merged__in=files)
        .order_by("pk")
        .values_list("merged_id", "kept_id")
    )
    for pk in files:
        root = pk
        while root in steps:
            root = steps[root]
        Person.objects.filter(pk=pk).update(merged_into=None if root == pk else root)
    kept, merged = Person.objects.get(pk=merge.kept_id), Person.objects.get(pk=merge.merged_id)
    persons_separated.send(sender=Merge, merge=merge, kept=kept, merged=merged, by=actor_of(by), at=at)
    thing = f"merge:{merge.uuid}"
    note(by, "separate", kept, at=at, thing=thing)
    note(by, "separate", merged, at=at, thing=thing)


@transaction.atomic
def say_not_the_same(one: Person, other: Person, *, by: User, at: datetime | None = None) -> NotTheSame:
    """These are two persons: a couple, a mother and her daughter, a shared phone. Not proposed again."""
    at = at or timezone.now()
    first, second = lock_whole(one, other)
    if first.pk == second.pk:
        raise BusinessError(gettext("Ces deux dossiers sont réunis : séparez-les d’abord."))
    low, high = sorted((first, second), key=lambda person: person.pk)
    apart, is_new = NotTheSame.objects.get_or_create(
        one=low, other=high, defaults={"said_at": at, "said_by": by}
    )
    if is_new:
        note(by, "say_not_the_same", first, at=at, thing=f"person:{second.uuid}")
        note(by, "say_not_the_same", second, at=at, thing=f"person:{first.uuid}")
    return apart


@transaction.atomic
def take_back_not_the_same(one: Person, other: Person, *, by: User, at: datetime | None = None) -> None:
    """They may be one person after all: the answer is taken back, the files can be marked as one again."""
    at = at or timezone.now()
    ones, others = identity_ids(one), identity_ids(other)
    gone, _ = NotTheSame.objects.filter(
        Q(one__in=ones, other__in=others) | Q(one__in=others, other__in=ones)
    ).delete()
    if gone:
        note(by, "take_back_not_the_same", one, at=at, thing=f"person:{other.uuid}")
        note(by, "take_back_not_the_same", other, at=at, thing=f"person:{one.uuid}")


def lock_whole(one: Person, other: Person) -> tuple[Person, Person]:
    """The files that are kept of both, their rows held in one order so that two acts never wait for each other."""
    for _attempt in range(3):
        roots = {
            pk: merged_into or pk
            for pk, merged_into in Person.objects.filter(pk__in=[one.pk, other.pk]).values_list(
                "pk", "merged_into_id"
            )
        }
        held = {
            person.pk: person
            for person in Person.objects.select_for_update().filter(pk__in=set(roots.values())).order_by("pk")
        }
        first, second = held[roots[one.pk]], held[roots[other.pk]]
        if first.merged_into_id is None and second.merged_into_id is None:
            return first, second
    raise Conflict(gettext("Quelqu’un d’autre change ces dossiers en ce moment. Réessayez."))
