"""Going through all files for those that may be one person's; pairs are kept for a list, and nothing is decided."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from bagage.people.models import AlikePair, AlikeSearch, NotTheSame, Person
from bagage.people.queries.duplicates import alike_of_files, pairs_that_hold

AT_ONCE = 40


@dataclass(frozen=True, slots=True)
class Gone:
    """How far the search went this time: files read, and whether the last file was reached."""

    files: int
    is_whole: bool


def search_alike(*, limit: int = 2_000, at: datetime | None = None) -> Gone:
    """Goes on through the files, oldest first, from where it stopped; at most ``limit`` of them, 40 in a transaction.

    Each is compared with all others. Pairs that hold no more (a name was corrected) leave the list, those that someone
    spoke of are not in it. Two searches at once wait for each other. After the last file, the next call begins anew.
    """
    at = at or timezone.now()
    done = 0
    while done < limit:
        with transaction.atomic():
            search, _ = AlikeSearch.objects.get_or_create(pk=1)
            search = AlikeSearch.objects.select_for_update().get(pk=search.pk)
            files = list(
                Person.objects.whole()
                .filter(pk__gt=search.up_to)
                .order_by("pk")[: min(AT_ONCE, limit - done)]
            )
            if files:
                _write(files, at)
                search.up_to = files[-1].pk
            else:
                search.up_to, search.whole_at = 0, at
            search.moved_at = at
            search.save()
        done += len(files)
        if not files:
            return Gone(done, is_whole=True)
    return Gone(done, is_whole=False)


def _write(files: list[Person], at: datetime) -> None:
    ids = [file.pk for file in files]
    apart = {
        frozenset(pair)
        for pair in NotTheSame.objects.filter(Q(one__in=ids) | Q(other__in=ids)).values_list(
            "one_id", "other_id"
        )
    }
    found: dict[tuple[int, int], float] = {}
    for file, likely in zip(files, alike_of_files(files), strict=True):
        for pk, likeness in likely:
            if pk != file.pk and frozenset((pk, file.pk)) not in apart:
                pair = (min(pk, file.pk), max(pk, file.pk))
                found[pair] = max(likeness.score, found.get(pair, 0.0))
    listed = AlikePair.objects.filter(Q(one__in=ids) | Q(other__in=ids)).select_related("one", "other")
    # A pair may be found from one side only: what still holds from the other stays.
    gone = [pair for pair in listed if (pair.one_id, pair.other_id) not in found]
    still = pairs_that_hold(gone)
    AlikePair.objects.filter(pk__in=[pair.pk for pair in gone if pair.pk not in still]).delete()
    AlikePair.objects.bulk_create(
        [
            AlikePair(one_id=one, other_id=other, score=score, found_at=at)
            for (one, other), score in found.items()
        ],
        update_conflicts=True,
        unique_fields=["one", "other"],
        update_fields=["score"],
    )
