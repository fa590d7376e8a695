"""Who is she? Files that may be hers, and why; outside one's scope only that a file may exist, and only on two facts.

A constant number of queries whatever the number of persons: the words that are near what was typed (from the words of
all names, kept in memory), then the files in scope, their facts, and the files elsewhere.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from threading import Lock
from time import monotonic
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Case, Exists, IntegerField, Max, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.lookups import IsNull
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
from bagage.people.models import (
    CardCode,
    ContactWay,
    Following,
    NameKey,
    NotTheSame,
    Person,
    PersonName,
    followed_by,
)
from bagage.people.words import Why, whys

CANDIDATES = 120
# Up to so many marked files their keys are written out in each question.
MARKED = 500
ELSEWHERE_SITES = 3
ELSEWHERE_PURPOSE = "people.elsewhere"
ELSEWHERE_MAX_AGE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Hit:
    """A file in scope that may be hers."""

    person: Person
    score: float
    band: Band
    reasons: tuple[Why, ...]


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
    finder = _Finder(understood.sought, now, scope)
    inside = finder.ids_here()
    outside = set() if is_typing else finder.ids_elsewhere()
    finder.read(inside | outside)
    found = finder.here(inside, limit)
    # Two who bear one name are not both very likely on their name alone.
    sure = [likeness for _, likeness in found if likeness.band == Band.VERY_LIKELY]
    by_name_alone = len(sure) > 1 and all(likeness.facts == {"name"} for likeness in sure)
    hits = [
        Hit(
            person,
            likeness.score,
            Band.POSSIBLE if by_name_alone else likeness.band,
            whys(likeness.reasons, person.grammar),
        )
        for person, likeness in found
    ]
    elsewhere = finder.elsewhere(outside, user)
    return LookUp(understood, hits, elsewhere)


class _Finder:
    """One question, asked of the files in scope and of the others; what is known of both is read together."""

    def __init__(self, sought: Sought, now: datetime, scope: Iterable[int]) -> None:
        self.sought, self.now = sought, now
        self.scope = self._in_scope(scope)
        self.files: list[_Row] = []
        self.known: dict[int, _File] = {}
        # What each word of any name is worth to this question: 4 the same, 3 the same sound, 2 near, 1 same consonants.
        self.worth: dict[str, int] = {}
        if sought.words:
            vocabulary = _vocabulary()
            vocabulary.refresh()
            for word in sought.words:
                for found, worth in vocabulary.near(word).items():
                    self.worth[found] = max(worth, self.worth.get(found, 0))

    def read(self, ids: set[int]) -> None:
        """Reads what is known of these files and of those that are one person with them."""
        if ids:
            self.files = _with_same_files(ids)
            self.known = known_of(self.files, self.sought)

    # ---------- here ----------
    def ids_here(self) -> set[int]:
        """Candidates in scope."""
        return self._by_name(self.scope) | self._by_phone(self.scope) | self._by_code(self.scope)

    def here(self, ids: set[int], limit: int) -> list[tuple[Person, Likeness]]:
        """Files in scope, best first; a file that was marked as another's brings up the one that is kept."""
        ranked = self._ranked(ids, with_ended_codes=True)[:limit]
        persons = Person.objects.in_bulk([pk for pk, _ in ranked])
        return [(persons[pk], likeness) for pk, likeness in ranked]

    def _in_scope(self, scope: Iterable[int]) -> Q:
        """A condition on a row that has a ``person``: that file, or one that is the same person, is followed here.

        Marked files are few: they are read once, apart, so that every other row costs one look at who follows it. All
        that are one person are followed when one of them is (the rule of ``followed_by``).
        """
        nodes = list(scope)
        current = Following.objects.current(self.now).filter(node_id__in=nodes)
        marked = Person.objects.filter(merged_into__isnull=False)
        pairs = list(marked.values_list("pk", "merged_into_id")[: MARKED + 1])
        if len(pairs) <= MARKED:
            ids = {pk for pair in pairs for pk in pair}
            followed = (
                set(current.filter(person__in=ids).values_list("person_id", flat=True)) if ids else set()
            )
            groups = {kept for pk, kept in pairs if pk in followed or kept in followed}
            same = groups | {pk for pk, kept in pairs if kept in groups}
            by_same = Q(person__in=same)
        else:
            here = marked.filter(followed_by(nodes, self.now, "merged_into")).values_list("pk", flat=True)
            kept = marked.filter(Exists(current.filter(person=OuterRef("pk")))).values_list("merged_into")
            by_same = Q(person__in=here) | Q(person__in=kept)
        # A scalar subquery rather than EXISTS: PostgreSQL would read all that these nodes follow to answer for a few.
        hers = Subquery(current.filter(person=OuterRef("person")).values("pk")[:1])
        return Q(IsNull(hers, False)) | by_same

    def _by_name(self, scope: Q) -> set[int]:
        """The files whose words agree best; a year that agrees counts, so that a common name is not cut off."""
        if not self.worth:
            return set()
        grades: dict[int, list[str]] = {}
        for word, grade in self.worth.items():
            grades.setdefault(grade, []).append(word)
        worth: Any = Case(
            *(
                When(word__in=words, then=Value(grade))
                for grade, words in sorted(grades.items(), reverse=True)
            ),
            default=Value(0),
            output_field=IntegerField(),
        )
        if self.sought.year is not None:
            worth += Case(
                When(person__birth_year__range=self._years(), then=Value(3)),
                When(person__birth_year=None, then=Value(1)),
                default=Value(0),
                output_field=IntegerField(),
            )
        rows = (
            NameKey.objects.filter(word__in=list(self.worth))
            .filter(scope)
            .values("person_id")
            .annotate(worth=Sum(worth))
            .order_by("-worth", "person_id")
            .values_list("person_id", flat=True)
        )
        return set(rows[:CANDIDATES])

    def _years(self) -> tuple[int, int]:
        """The years of birth that may agree with the one that was said."""
        year = self.sought.year.value if self.sought.year is not None else 0
        return year - 2, year + 2

    def _by_phone(self, scope: Q) -> set[int]:
        if not self.sought.phone:
            return set()
        numbers = [self.sought.phone, *near_phones(self.sought.phone)]
        rows = ContactWay.objects.filter(phone__in=numbers).filter(scope).values_list("person_id", flat=True)
        return set(rows[:CANDIDATES])

    def _by_code(self, scope: Q) -> set[int]:
        if not self.sought.codes:
            return set()
        rows = CardCode.objects.filter(code__in=self.sought.codes).filter(scope)
        return set(rows.values_list("person_id", flat=True))

    def _ranked(self, ids: set[int], *, with_ended_codes: bool = False) -> list[tuple[int, Likeness]]:
        """The keys of the files behind these, each compared once with all that is known of her."""
        asked = {file.merged_into or file.pk for file in self.files if file.pk in ids}
        roots = {file.pk for file in self.files if file.merged_into is None and file.pk in asked}
        best: dict[int, Likeness] = {}
        for file in self.files:
            root = file.merged_into or file.pk
            if root not in roots:
                continue
            likeness = compare(self.sought, self.known[file.pk].known)
            if with_ended_codes and likeness.band != Band.VERY_LIKELY:
                likeness = self._with_ended_code(likeness, self.known[file.pk].ended_codes)
            if likeness.band == Band.NO:
                continue
            if root not in best or likeness.score > best[root].score:
                best[root] = likeness
        ranked = list(best.items())
        ranked.sort(key=lambda row: (row[1].band != Band.VERY_LIKELY, -row[1].score, row[0]))
        return ranked

    def _with_ended_code(self, likeness: Likeness, ended: tuple[str, ...]) -> Likeness:
        """The code of a card that was lost still says who it was for, to those who may see her; it proves nothing."""
        if not set(ended) & set(self.sought.codes):
            return likeness
        reason = Reason("ended_code", None)
        return Likeness(max(likeness.score, 0.8), Band.POSSIBLE, (*likeness.reasons, reason), likeness.facts)

    # ---------- elsewhere ----------
    def elsewhere(self, ids: set[int], user: User) -> list[Elsewhere]:
        """Sites where a file may exist: on the code of a card, or on two facts that agree. One line a site."""
        found = [
            pk for pk, likeness in self._ranked(ids) if "code" in likeness.facts or len(likeness.facts) >= 2
        ][:20]
        if not found:
            return []
        sites = self._last_sites(found)
        uuids = dict(Person.objects.filter(pk__in=found).values_list("pk", "uuid"))
        lines: dict[str, Elsewhere] = {}
        for pk in found:
            site = sites.get(pk)
            if site is None or site in lines:
                continue
            her = str(uuids[pk])
            token = make_token(ELSEWHERE_PURPOSE, [str(user.uuid), her, site], ELSEWHERE_MAX_AGE)
            lines[site] = Elsewhere(site_name=site, token=token, person_uuid=her)
        return [lines[site] for site in sorted(lines)][:ELSEWHERE_SITES]

    def ids_elsewhere(self) -> set[int]:
        """Candidates out of scope: those of the code, and those with two facts that may agree."""
        outside = ~self.scope
        sought = self.sought
        ids: set[int] = set()
        if sought.codes:
            cards = CardCode.objects.filter(code__in=sought.codes, ended_at=None).filter(outside)
            ids |= set(cards.values_list("person_id", flat=True))
        if sought.words and sought.year is not None:
            ids |= self._by_name(outside & Q(person__birth_year__range=self._years()))
        if sought.phone and (sought.words or sought.year is not None):
            ways = (
                ContactWay.objects.filter(phone=sought.phone).filter(outside).order_by("-started_at", "-pk")
            )
            ids |= set(ways.values_list("person_id", flat=True)[:CANDIDATES])
        return ids

    def _last_sites(self, roots: Sequence[int]) -> dict[int, str]:
        """The name of the node that follows each now, or followed her last."""
        files = Person.objects.filter(merged_into__in=roots).values_list("pk", "merged_into_id")
        root_of = {pk: pk for pk in roots} | {pk: root for pk, root in files if root}
        rows = (
            Following.objects.filter(person__in=root_of)
            .order_by("started_at", "pk")
            .values_list("person_id", "ended_at", "node__name")
        )
        ended: dict[int, str] = {}
        current: dict[int, str] = {}
        for pk, until, name in rows:
            (ended if until is not None and until <= self.now else current)[root_of[pk]] = name
        return {**ended, **current}


# ---------- what is known of files ----------
class _Row(NamedTuple):
    """What the comparison needs of a file; making whole persons of a hundred candidates would cost more."""

    pk: int
    merged_into: int | None
    chosen_name: str
    family_name: str
    birth_year: int | None
    is_birth_year_about: bool
    birth_date: date | None


_FIELDS = ("pk", "merged_into_id", *_Row._fields[2:])


def _with_same_files(ids: Iterable[int]) -> list[_Row]:
    """These files and all that are one person with them, erased ones left out."""
    files = Person.objects.filter(erased_at=None)
    found: dict[int, _Row] = {}
    wanted, asked = set(ids), set()  # type: set[int], set[int]
    # A second time only for what a file that was marked brings up: the one that is kept, and its others.
    while wanted:
        rows = files.filter(Q(pk__in=wanted) | Q(merged_into__in=wanted)).values_list(*_FIELDS)
        found |= {row[0]: _Row(*row) for row in rows}
        asked |= wanted
        wanted = {row.merged_into for row in found.values() if row.merged_into} - asked
    return list(found.values())


@dataclass(frozen=True, slots=True)
class _File:
    known: Known
    ended_codes: tuple[str, ...]


def known_of(files: Sequence[_Row | Person], sought: Sought | None = None) -> dict[int, _File]:
    """What some files say, for the comparison; phones and codes only when ``sought`` (if given) asks for them."""
    ids = [file.pk for file in files]
    names: dict[int, list[str]] = {}
    phones: dict[int, list[str]] = {}
    codes: dict[int, list[tuple[str, bool]]] = {}
    if sought is None or sought.words:
        for pk, text in (
            PersonName.objects.filter(person__in=ids).order_by("pk").values_list("person_id", "text")
        ):
            names.setdefault(pk, []).append(text)
    if sought is None or sought.phone:
        ways = ContactWay.objects.filter(person__in=ids).exclude(phone="").order_by("pk")
        for pk, phone in ways.values_list("person_id", "phone"):
            phones.setdefault(pk, []).append(phone)
    if sought is not None and sought.codes:
        cards = CardCode.objects.filter(person__in=ids).values_list("person_id", "code", "ended_at")
        for pk, code, ended_at in cards:
            codes.setdefault(pk, []).append((code, ended_at is not None))
    return {
        file.pk: _File(
            known=Known(
                names=_once(f"{file.chosen_name} {file.family_name}".strip(), *names.get(file.pk, ())),
                birth_year=file.birth_year,
                is_birth_year_about=file.is_birth_year_about,
                birth_date=file.birth_date,
                phones=tuple(phones.get(file.pk, [])),
                codes=tuple(code for code, is_ended in codes.get(file.pk, []) if not is_ended),
            ),
            ended_codes=tuple(code for code, is_ended in codes.get(file.pk, []) if is_ended),
        )
        for file in files
    }


def _once(*texts: str) -> tuple[str, ...]:
    """Each name once: the first is among those that were written down too."""
    return tuple(dict.fromkeys(texts))


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
    """Every word of every name with its sound and its consonants, kept in this process: near words are found at once.

    Grows by the newest rows at each question, and on PostgreSQL is read whole every few minutes: a long transaction
    may bring rows with smaller keys than some already read. A word whose file is gone finds nothing.
    """

    OVERLAP = 500
    WHOLE_EVERY = 300.0

    def __init__(self) -> None:
        self.known: set[tuple[str, str, str]] = set()
        self.words: list[str] = []
        self.by_sound: dict[str, list[str]] = {}
        self.by_skeleton: dict[str, list[str]] = {}
        self.up_to = 0
        self.read_whole_at = 0.0
        self.lock = Lock()

    def refresh(self) -> None:
        """Reads what is new: one query, or two when all is read."""
        with self.lock:
            is_old = monotonic() - self.read_whole_at > self.WHOLE_EVERY
            if not self.up_to or (is_old and connection.vendor != "sqlite"):
                self.up_to = NameKey.objects.aggregate(newest=Max("pk"))["newest"] or 0
                found = set(NameKey.objects.values_list("word", "sound", "skeleton").distinct())
                self.read_whole_at = monotonic()
            else:
                newest = NameKey.objects.filter(pk__gt=self.up_to - self.OVERLAP)
                rows = list(newest.values_list("pk", "word", "sound", "skeleton"))
                found = {(word, sound, skeleton) for _, word, sound, skeleton in rows}
                self.up_to = max((row[0] for row in rows), default=0)
            new = found - self.known
            if not new:
                return
            self.known |= new
            for word, sound, skeleton in new:
                self.by_sound.setdefault(sound, []).append(word)
                if skeleton:
                    self.by_skeleton.setdefault(skeleton, []).append(word)
            self.words = sorted({word for word, _, _ in self.known})

    def near(self, word: Word) -> dict[str, int]:
        """Words that this one may be, and what each is worth: itself, its sound, its forms, a slip, its consonants."""
        worth: dict[str, int] = {}
        for skeleton in sought_skeletons(word):
            worth |= dict.fromkeys(self.by_skeleton.get(skeleton, [])[:60], 1)
        if len(word.folded) >= 3:
            slips = 1 if len(word.folded) < 8 else 2
            slipped = extract(word.folded, self.words, scorer=OSA.distance, score_cutoff=slips, limit=40)
            worth |= dict.fromkeys([found for found, _distance, _at in slipped], 2)
            first = bisect_left(self.words, word.folded)
            last = bisect_left(self.words, f"{word.folded}{chr(0x7F)}", lo=first)
            worth |= dict.fromkeys(sorted(self.words[first:last], key=len)[:40], 2)
        worth |= dict.fromkeys(other_forms(word.folded), 2)
        worth |= dict.fromkeys(self.by_sound.get(word.sound, [])[:60], 3)
        return worth | {word.folded: 4}


_vocabularies: dict[str, _Vocabulary] = {}


def _vocabulary() -> _Vocabulary:
    """That of the database of this process; tests have another one."""
    return _vocabularies.setdefault(str(connection.settings_dict["NAME"]), _Vocabulary())
