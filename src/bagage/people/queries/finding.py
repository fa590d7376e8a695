"""Who is she? Files that may be hers, and why; outside one's scope only that a file may exist, and only on two facts.

A constant number of queries whatever the number of persons: the words that are near what was typed (from the words of
all names, kept in memory), then the files in scope, their facts, and the files elsewhere.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from django.db import connection
from django.db.models import Case, Exists, F, IntegerField, Max, OuterRef, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import User
from bagage.common.links import make_token
from bagage.people.domain.asking import Understood, understand
from bagage.people.domain.likeness import Band, Known, Likeness, Reason, Sought, compare
from bagage.people.domain.names import Word, name_words, other_forms, sought_skeletons
from bagage.people.domain.phones import near_phones
from bagage.people.domain.years import Year
from bagage.people.models import CardCode, ContactWay, Following, NameKey, NotTheSame, Person, PersonName

CANDIDATES = 150
ELSEWHERE_SITES = 3
ELSEWHERE_PURPOSE = "people.elsewhere"
ELSEWHERE_MAX_AGE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Hit:
    """A file in scope that may be hers."""

    person: Person
    score: float
    band: Band
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A file may exist at this site: its name, and a token by which to ask. Nothing else, not even how many."""

    site_name: str
    token: str
    # For the trail of the one who asked; never shown.
    person_uuid: str


@dataclass(frozen=True, slots=True)
class LookUp:
    """What was understood, the files here, best first, and the sites elsewhere."""

    understood: Understood
    hits: list[Hit]
    elsewhere: list[Elsewhere]


def look_up(
    text: str,
    *,
    user: User,
    now: datetime | None = None,
    limit: int = 10,
    birth_year: int | None = None,
    phone: str = "",
    is_typing: bool = False,
) -> LookUp:
    """Files that may be of whom ``text`` speaks.

    ``birth_year`` and ``phone`` are told apart from the text when known. While ``is_typing``, other sites are not
    asked: half a name says nothing, and each asking counts. Whoever cannot look up gets nothing.
    """
    now = now or timezone.now()
    understood = understand(f"{text} {phone}".strip(), timezone.localdate(now))
    if birth_year is not None:
        understood = Understood(
            name=understood.name,
            year=Year(birth_year),
            phone=understood.phone,
            code=understood.code,
            codes=understood.codes,
        )
    scope = user.node_ids(Ability.LOOK_UP)
    if understood.is_empty or not scope:
        return LookUp(understood, [], [])
    finder = _Finder(understood.sought, now)
    hits = [
        Hit(person, likeness.score, likeness.band, likeness.reasons)
        for person, likeness in finder.here(scope)
    ][:limit]
    elsewhere = [] if is_typing else finder.elsewhere(scope, user)
    return LookUp(understood, hits, elsewhere)


class _Finder:
    """One question, asked first of the files in scope, then of the others."""

    def __init__(self, sought: Sought, now: datetime) -> None:
        self.sought, self.now = sought, now
        self.near = [_near_words(word) for word in sought.words]

    # ---------- here ----------
    def here(self, scope: Iterable[int]) -> list[tuple[Person, Likeness]]:
        """Files in scope, best first; a file that was marked as another's brings up the one that is kept."""
        ids = (
            self._by_name(self._in_scope(scope))
            | self._by_phone(self._in_scope(scope))
            | self._by_code(scope)
        )
        found = self._ranked(ids, with_ended_codes=True)
        return found

    def _in_scope(self, scope: Iterable[int]) -> Q:
        """A condition on a row that has a ``person``: that file, or the one that is kept of it, is followed here."""
        current = Following.objects.current(self.now).filter(node_id__in=list(scope))
        return Q(Exists(current.filter(person=OuterRef("person")))) | Q(
            person__merged_into__isnull=False,
            person__merged_into__in=Person.objects.followed_in(scope, self.now).values("pk"),
        )

    def _matching_keys(self) -> Q:
        condition = Q(pk__in=[])
        for word, near in zip(self.sought.words, self.near, strict=True):
            condition |= Q(sound=word.sound) | Q(word__in=near)
            if skeletons := sought_skeletons(word):
                condition |= Q(skeleton__in=skeletons)
        return condition

    def _by_name(self, scope: Q) -> set[int]:
        if not self.sought.words:
            return set()
        exact = [word.folded for word in self.sought.words]
        sounds = [word.sound for word in self.sought.words]
        near = [one for words in self.near for one in words]
        worth = Case(
            When(word__in=exact, then=Value(4)),
            When(sound__in=sounds, then=Value(3)),
            When(word__in=near, then=Value(2)),
            default=Value(1),
            output_field=IntegerField(),
        )
        rows = (
            NameKey.objects.filter(self._matching_keys())
            .filter(scope)
            .values("person_id")
            .annotate(worth=Sum(worth))
            .order_by("-worth", "person_id")
            .values_list("person_id", flat=True)
        )
        return set(rows[:CANDIDATES])

    def _by_phone(self, scope: Q) -> set[int]:
        if not self.sought.phone:
            return set()
        numbers = [self.sought.phone, *near_phones(self.sought.phone)]
        rows = ContactWay.objects.filter(phone__in=numbers).filter(scope).values_list("person_id", flat=True)
        return set(rows[:CANDIDATES])

    def _by_code(self, scope: Iterable[int]) -> set[int]:
        if not self.sought.codes:
            return set()
        rows = CardCode.objects.filter(code__in=self.sought.codes).filter(self._in_scope(scope))
        return set(rows.values_list("person_id", flat=True))

    def _ranked(self, ids: set[int], *, with_ended_codes: bool = False) -> list[tuple[Person, Likeness]]:
        """The files behind these, each compared once with all that is known of her."""
        if not ids:
            return []
        files = list(
            Person.objects.filter(
                Q(pk__in=ids)
                | Q(same_persons__in=ids)
                | Q(merged_into__same_persons__in=ids)
                | Q(merged_into__in=ids),
                erased_at=None,
            ).distinct()
        )
        known = known_of(files)
        roots: dict[int, Person] = {person.pk: person for person in files if person.merged_into_id is None}
        best: dict[int, Likeness] = {}
        for person in files:
            root = person.merged_into_id or person.pk
            if root not in roots:
                continue
            likeness = compare(self.sought, known[person.pk].known)
            if with_ended_codes and likeness.band != Band.VERY_LIKELY:
                likeness = self._with_ended_code(likeness, known[person.pk].ended_codes)
            if likeness.band == Band.NO:
                continue
            if root not in best or likeness.score > best[root].score:
                best[root] = likeness
        ranked = [(roots[pk], likeness) for pk, likeness in best.items()]
        ranked.sort(key=lambda row: (row[1].band != Band.VERY_LIKELY, -row[1].score, row[0].pk))
        return ranked

    def _with_ended_code(self, likeness: Likeness, ended: tuple[str, ...]) -> Likeness:
        """The code of a card that was lost still says who it was for, to those who may see her; it proves nothing."""
        if not set(ended) & set(self.sought.codes):
            return likeness
        reason = Reason("ended_code", None)
        return Likeness(max(likeness.score, 0.8), Band.POSSIBLE, (*likeness.reasons, reason), likeness.facts)

    # ---------- elsewhere ----------
    def elsewhere(self, scope: Iterable[int], user: User) -> list[Elsewhere]:
        """Sites where a file may exist: on the code of a card, or on two facts that agree. One line a site."""
        ids = self._elsewhere_ids(scope)
        found = [
            (person, likeness)
            for person, likeness in self._ranked(ids)
            if "code" in likeness.facts or len(likeness.facts) >= 2
        ][:20]
        if not found:
            return []
        sites = self._last_sites([person for person, _ in found])
        lines: dict[str, Elsewhere] = {}
        for person, _likeness in found:
            site = sites.get(person.pk)
            if site is None or site in lines:
                continue
            token = make_token(ELSEWHERE_PURPOSE, [str(user.uuid), str(person.uuid), site], ELSEWHERE_MAX_AGE)
            lines[site] = Elsewhere(site_name=site, token=token, person_uuid=str(person.uuid))
        return [lines[site] for site in sorted(lines)][:ELSEWHERE_SITES]

    def _elsewhere_ids(self, scope: Iterable[int]) -> set[int]:
        """Candidates out of scope: those of the code, and those with two facts that may agree."""
        outside = ~self._in_scope(scope)
        conditions: list[QuerySet[Any]] = []
        sought = self.sought
        if sought.codes:
            conditions.append(CardCode.objects.filter(code__in=sought.codes, ended_at=None).filter(outside))
        by_year = Q()
        if sought.year is not None:
            by_year = Q(person__birth_year__range=(sought.year.value - 2, sought.year.value + 2))
        if sought.words and sought.year is not None:
            conditions.append(NameKey.objects.filter(self._matching_keys()).filter(by_year).filter(outside))
        if sought.phone and (sought.words or sought.year is not None):
            conditions.append(ContactWay.objects.filter(phone=sought.phone, ended_at=None).filter(outside))
        ids: set[int] = set()
        for rows in conditions:
            ids |= set(
                rows.order_by("person_id").values_list("person_id", flat=True).distinct()[: CANDIDATES * 2]
            )
        return ids

    def _last_sites(self, persons: Sequence[Person]) -> dict[int, str]:
        """The name of the node that follows each now, or followed her last."""
        root_of = {person.pk: person.pk for person in persons}
        rows = (
            Following.objects.filter(Q(person__in=root_of) | Q(person__merged_into__in=root_of))
            .annotate(root=Coalesce("person__merged_into", "person"), until=F("ended_at"))
            .order_by("started_at", "pk")
            .values_list("root", "until", "node__city", "node__name")
        )
        ended: dict[int, str] = {}
        current: dict[int, str] = {}
        for root, until, _city, name in rows:
            (ended if until is not None and until <= self.now else current)[root] = name
        return {**ended, **current}


# ---------- what is known of files ----------
@dataclass(frozen=True, slots=True)
class _File:
    known: Known
    ended_codes: tuple[str, ...]


def known_of(persons: Sequence[Person]) -> dict[int, _File]:
    """What some files say, for the comparison; three queries."""
    ids = [person.pk for person in persons]
    names: dict[int, list[str]] = {}
    for pk, text in PersonName.objects.filter(person__in=ids).order_by("pk").values_list("person_id", "text"):
        names.setdefault(pk, []).append(text)
    phones: dict[int, list[str]] = {}
    for pk, phone in (
        ContactWay.objects.filter(person__in=ids)
        .exclude(phone="")
        .order_by("pk")
        .values_list("person_id", "phone")
    ):
        phones.setdefault(pk, []).append(phone)
    codes: dict[int, list[tuple[str, bool]]] = {}
    for pk, code, ended_at in CardCode.objects.filter(person__in=ids).values_list(
        "person_id", "code", "ended_at"
    ):
        codes.setdefault(pk, []).append((code, ended_at is not None))
    return {
        person.pk: _File(
            known=Known(
                names=(person.full_name, *names.get(person.pk, [])),
                birth_year=person.birth_year,
                is_birth_year_about=person.is_birth_year_about,
                birth_date=person.birth_date,
                phones=tuple(phones.get(person.pk, [])),
                codes=tuple(code for code, is_ended in codes.get(person.pk, []) if not is_ended),
            ),
            ended_codes=tuple(code for code, is_ended in codes.get(person.pk, []) if is_ended),
        )
        for person in persons
    }


def alike_files(persons: Sequence[Person]) -> list[tuple[Person, Person, Likeness]]:
    """Among some files, the pairs that may be one person, best first, save those said to be two persons."""
    files = [person for person in persons if person.merged_into_id is None]
    if len(files) < 2:
        return []
    known = known_of(files)
    ids = [person.pk for person in files]
    apart = {
        frozenset(pair)
        for pair in NotTheSame.objects.filter(one__in=ids, other__in=ids).values_list("one_id", "other_id")
    }
    pairs: list[tuple[Person, Person, Likeness]] = []
    for at, one in enumerate(files):
        for other in files[at + 1 :]:
            if frozenset((one.pk, other.pk)) in apart:
                continue
            likeness = compare(_sought_of(one, known[one.pk].known), known[other.pk].known)
            if likeness.band != Band.NO and "name" in likeness.facts and likeness.score >= 0.7:
                pairs.append((one, other, likeness))
    pairs.sort(key=lambda pair: (-len(pair[2].facts), -pair[2].score, pair[0].pk, pair[1].pk))
    return pairs


def _sought_of(person: Person, known: Known) -> Sought:
    """A file as a question to another."""
    year = Year(known.birth_year, known.is_birth_year_about, known.birth_date) if known.birth_year else None
    phone = known.phones[-1] if known.phones else ""
    return Sought(words=name_words(person.full_name), year=year, phone=phone)


# ---------- the words of all names ----------
class _Vocabulary:
    """Every word of every name, kept in this process so that a slip of the finger finds its word.

    Grows by the newest rows at each question; a word whose file is gone stays and finds nothing. Rows whose
    transaction ends late come with a smaller key than some already read, so the last thousand are read again.
    """

    OVERLAP = 1000

    def __init__(self) -> None:
        self.words: set[str] = set()
        self.listed: list[str] = []
        self.up_to = 0
        self.lock = Lock()

    def current(self) -> list[str]:
        """The words, after one query."""
        with self.lock:
            newest = NameKey.objects.aggregate(newest=Max("pk"))["newest"] or 0 if not self.up_to else None
            if newest is not None:
                found = set(NameKey.objects.values_list("word", flat=True).distinct())
                self.up_to = newest
            else:
                rows = list(
                    NameKey.objects.filter(pk__gt=self.up_to - self.OVERLAP).values_list("pk", "word")
                )
                found = {word for _, word in rows}
                self.up_to = max((pk for pk, _ in rows), default=0)
            if not found <= self.words:
                self.words |= found
                self.listed = sorted(self.words)
            return self.listed


_vocabularies: dict[str, _Vocabulary] = {}


def _near_words(word: Word) -> list[str]:
    """Words of names that this one may be: itself, its other forms, one slip away, or begun by it."""
    name = str(connection.settings_dict["NAME"])
    words = _vocabularies.setdefault(name, _Vocabulary()).current()
    slips = 1 if len(word.folded) < 8 else 2
    near: list[str] = []
    if len(word.folded) >= 3:
        near = [
            found
            for found, _distance, _at in extract(
                word.folded, words, scorer=OSA.distance, score_cutoff=slips, limit=40
            )
        ]
        begun = [one for one in words if one.startswith(word.folded)]
        near += sorted(begun, key=len)[:40]
    return list(dict.fromkeys([word.folded, *other_forms(word.folded), *near]))
