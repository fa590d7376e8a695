"""The words of all names, kept in this process: near words are found at once, and whom they may speak of.

What is here chooses whom to read, never what is shown: every file is read from the database, and whether it may be
seen is asked of the database. A word whose file is gone, or a following that ended, costs a little time and no more.

300,000 persons with 100,000 different words take some 145 MB and three seconds of one core, once for each process.
"""

import logging
from array import array
from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping, Sequence
from heapq import nlargest
from threading import RLock, Thread
from time import monotonic
from typing import Any

from django.db import DatabaseError, connection
from django.db.models import Count, F, IntegerField, Model
from django.db.models.functions import Cast
from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.process import extract

from bagage.common.row_security import wide
from bagage.people.domain.likeness import Common, compare_words
from bagage.people.domain.names import BARE, Word, bare, other_forms, place_words, rough, sound, stored_word
from bagage.people.models import Following, NameKey, Person

# A byte for each key of a person: 0 for none, 1 for 1900, the last for one whose year is not known.
logger = logging.getLogger(__name__)
FIRST_YEAR, UNKNOWN = 1899, 255
# Up to so many persons, all who bear a word are weighed; of a more common one, those whom something else speaks for.
MANY = 3_000
NEAR = 80


class _Newest:
    """The rows of a table that is only added to, read as they come. The first column is the key.

    The last few are read again each time, to see that they are the same. On PostgreSQL, where a long transaction may
    bring rows with smaller keys than some already read, it is the last few hundred, and all rows are counted every few
    minutes, ten thousand keys at a time, and what differs is read.
    """

    OVERLAP, OVERLAP_OF_ONE_WRITER = 300, 30
    COUNTED_EVERY = 300.0
    BUCKET = 10_000
    CHUNK = 50_000

    def __init__(self, model: type[Model], columns: Sequence[str]) -> None:
        self.model, self.columns = model, ("pk", *columns)
        self.forget()

    @property
    def overlap(self) -> int:
        """So many keys are read again: SQLite has one writer at a time, whose keys come in their order."""
        return self.OVERLAP_OF_ONE_WRITER if connection.vendor == "sqlite" else self.OVERLAP

    def forget(self) -> None:
        """Nothing was read yet."""
        self.up_to = 0
        self.window: dict[int, Any] = {}
        self.counts: dict[int, int] = {}
        self.counted_at = monotonic()

    def read(self) -> tuple[bool, Iterable[Any]]:
        """Whether all is read from the start, and the rows that are new."""
        if self.up_to:
            newest = list(self._after(self.up_to - self.overlap))
            if newest and newest[-1][0] >= self.up_to and not self._is_another_past(newest):
                new = [row for row in newest if row[0] not in self.window]
                self._note(new)
                self.window = {row[0]: row for row in newest[-self.overlap :]}
                return False, [*new, *self._late()]
            if not newest and not self.model._default_manager.exists():
                self.forget()
                return True, []
        self.forget()
        return True, self._all()

    def _is_another_past(self, newest: Sequence[Any]) -> bool:
        """What was read never came to be: a key stands for another row, or all that was read last is gone."""
        again = [row for row in newest if row[0] in self.window]
        return bool(self.window) and (not again or any(self.window[row[0]] != row for row in again))

    def _all(self) -> Iterable[Any]:
        """All rows, in the order of their keys, fifty thousand at a time: there may be millions."""
        some: list[Any] = []
        while read := self._after(self.up_to, self.CHUNK):
            some = read
            self.up_to = some[-1][0]
            yield from some
        self.counts = self._counted() if connection.vendor != "sqlite" else {}
        rows = self._after(self.up_to - self.overlap)
        self.window = {row[0]: row for row in rows if row[0] <= self.up_to}

    def _after(self, key: int, most: int | None = None) -> list[Any]:
        """The rows with a larger key, in the order of their keys; read plainly, each time someone looks up."""
        quote = connection.ops.quote_name
        names = ", ".join(quote("id" if name == "pk" else name) for name in self.columns)
        table, own = quote(self.model._meta.db_table), quote("id")
        question = f"SELECT {names} FROM {table} WHERE {own} > %s ORDER BY {own}"
        with connection.cursor() as cursor:
            cursor.execute(question if most is None else f"{question} LIMIT {most}", [key])
            return list(cursor.fetchall())

    def _counted(self) -> dict[int, int]:
        bucket = Cast(F("pk") / self.BUCKET, IntegerField())
        rows = self.model._default_manager.order_by().annotate(bucket=bucket).values_list("bucket")
        return dict(rows.annotate(count=Count("pk")))

    def _note(self, rows: Iterable[Any]) -> None:
        for row in rows:
            if row[0] not in self.window:
                bucket = row[0] // self.BUCKET
                self.counts[bucket] = self.counts.get(bucket, 0) + 1
            self.up_to = max(self.up_to, row[0])

    def _late(self) -> list[Any]:
        """Rows that came with a smaller key than others before them."""
        if connection.vendor == "sqlite" or monotonic() - self.counted_at < self.COUNTED_EVERY:
            return []
        self.counted_at = monotonic()
        counts = self._counted()
        found: list[Any] = []
        for at, count in counts.items():
            if self.counts.get(at, 0) != count:
                first = at * self.BUCKET
                rows = self.model._default_manager.filter(pk__gte=first, pk__lt=first + self.BUCKET)
                found += rows.order_by("pk").values_list(*self.columns)
        self.counts = counts
        return found


class NameIndex:
    """Words, who bears them, who was born when, and whom which node ever followed."""

    def __init__(self) -> None:
        self.lock = RLock()
        self.keys = _Newest(NameKey, ("word", "sound", "skeleton", "is_place", "birth_year", "person_id"))
        self.followings = _Newest(Following, ("node_id", "person_id"))
        self.forget_followings()
        self.forget_names()
        self.marked_sign: tuple[Any, ...] = ()
        self.marked: list[tuple[int, int]] = []

    def forget_names(self) -> None:
        """As it was before anything was read."""
        self.bearers: dict[str, array[int]] = {}
        self.residents: dict[str, array[int]] = {}
        self.bare: set[str] = set()
        self.words: list[str] = []
        self.backwards: list[str] = []
        self.by_sound: dict[str, list[str]] = {}
        self.by_skeleton: dict[str, list[str]] = {}
        self.by_rough: dict[str, list[str]] = {}
        self.by_bare: dict[str, list[str]] = {}
        self.years = bytearray()
        self.persons = 0
        self.found_near: dict[Word, dict[str, float]] = {}
        self.counted: dict[str, int] = {}

    def forget_followings(self) -> None:
        """The same for followings."""
        self.followed: dict[int, array[int]] = {}
        self.scopes: dict[frozenset[int], set[int] | None] = {}

    # ---------- reading ----------
    @wide("look_up")
    def refresh(self) -> None:
        """Reads what is new of the names: one query, more when all is read."""
        with self.lock:
            whole, rows = self.keys.read()
            if whole:
                self.forget_names()
            new: list[tuple[str, str, str]] = []
            bearers, residents, years = self.bearers, self.residents, self.years
            for _, word, heard, skeleton, is_place, birth_year, person in rows:
                if person >= len(years):
                    years.extend(bytes(max(person + 1 - len(years), 1 + len(years) // 8)))
                if not years[person]:
                    self.persons += 1
                years[person] = birth_year - FIRST_YEAR if birth_year is not None else UNKNOWN
                if is_place:
                    if word not in residents:
                        residents[word] = array("q")
                    residents[word].append(person)
                    continue
                if word not in bearers:
                    bearers[word] = array("q")
                    new.append((word, heard, skeleton))
                bearers[word].append(person)
                if skeleton.startswith(BARE) and word not in self.bare:
                    self.bare.add(word)
                    self.by_skeleton.setdefault(skeleton, []).append(word)
            if whole or new:
                self._add_words(new)

    def _add_words(self, new: list[tuple[str, str, str]]) -> None:
        for word, heard, skeleton in new:
            self.by_sound.setdefault(heard, []).append(word)
            if skeleton and not skeleton.startswith(BARE):
                self.by_skeleton.setdefault(skeleton, []).append(word)
            self.by_rough.setdefault(rough(word), []).append(word)
            self.by_bare.setdefault(bare(word), []).append(word)
        if len(new) > 50:
            self.words = sorted(self.bearers)
            self.backwards = sorted(word[::-1] for word in self.bearers)
        else:
            for word, _, _ in new:
                insort(self.words, word)
                insort(self.backwards, word[::-1])
        self.found_near.clear()
        self.counted.clear()

    def preselected(self, nodes: Iterable[int]) -> set[int] | None:
        """Whom these nodes ever followed, and who is one person with them; ``None`` when that is nearly everyone.

        Two queries, more when all is read. Chooses only: whether a following holds is asked of the database.
        """
        with self.lock:
            whole, rows = self.followings.read()
            if whole:
                self.forget_followings()
            new = list(rows)
            for _, node, person in new:
                if node not in self.followed:
                    self.followed[node] = array("q")
                self.followed[node].append(person)
            self._refresh_marked()
            if new:
                self.scopes.clear()
            scope = frozenset(nodes)
            if scope not in self.scopes:
                if len(self.scopes) > 50:
                    self.scopes.clear()
                self.scopes[scope] = self._whom(scope)
            return self.scopes[scope]

    def _whom(self, scope: frozenset[int]) -> set[int] | None:
        sizes = sum(len(rows) for rows in self.followed.values())
        here = [rows for node, rows in self.followed.items() if node in scope]
        if sum(map(len, here)) * 2 > sizes > MANY:
            return None
        found = set[int]().union(*here)
        groups = {kept for pk, kept in self.marked if pk in found or kept in found}
        return found | groups | {pk for pk, kept in self.marked if kept in groups}

    def _refresh_marked(self) -> None:
        """The files that were marked as another's: few, read again when their number or their sums differ."""
        with connection.cursor() as cursor:
            # Asked with each look-up: as with the newest rows, what Django would write is written here.
            cursor.execute(
                "SELECT COUNT(merged_into_id), SUM(merged_into_id), SUM(id) FROM people_person"
                " WHERE merged_into_id IS NOT NULL"
            )
            sign = cursor.fetchone()
        if sign != self.marked_sign:
            self.marked_sign = sign
            marked = Person.objects.filter(merged_into__isnull=False).order_by()
            self.marked = list(marked.values_list("pk", "merged_into_id"))
            self.scopes.clear()

    # ---------- words ----------
    @property
    def common(self) -> Common:
        """How common names are here."""
        return Common(self.persons, self.count)

    def count(self, word: Word) -> int:
        """How many bear a word that sounds so."""
        known = self.counted.get(word.folded)
        if known is None:
            alike = {word.folded, *self.by_sound.get(word.sound, ())}
            known = sum(len(self.bearers[one]) for one in alike if one in self.bearers)
            self.counted[word.folded] = known
        return known

    def near(self, word: Word) -> dict[str, float]:
        """Words of names that this one may be, and how near each is (see :func:`compare_words`)."""
        found = self.found_near.get(word)
        if found is None:
            if len(self.found_near) > 5_000:
                self.found_near.clear()
            found = self.found_near[word] = self._near(word)
        return found

    def _near(self, word: Word) -> dict[str, float]:
        text = word.folded
        forms = other_forms(text)
        alike = {text, *forms, *self.by_sound.get(word.sound, ())}
        for form in forms:
            alike.update(self.by_sound.get(sound(form), ()))
        for skeleton in (word.skeleton, f"{BARE}{word.skeleton}"[:12]):
            alike.update(self.by_skeleton.get(skeleton, ())[:400])
        heard = self.by_rough.get(rough(text), ())
        if word.is_vowelless:
            alike.update(self.by_bare.get(bare(text), ())[:400])
        else:
            near = extract(text, heard, scorer=JaroWinkler.similarity, score_cutoff=0.7, limit=120)
            alike.update(one for one, _, _ in near)
            alike.update(self.bare.intersection(self.by_bare.get(bare(text), ())))
        if len(text) >= 3:
            begins, ends = self._begins(text[: self._piece(text)]), self._ends(text[-self._piece(text) :])
            slips = 1 if len(text) < 5 else 2
            for some in (begins, ends):
                slipped = extract(text, some, scorer=OSA.distance, score_cutoff=slips, limit=120)
                alike.update(one for one, _, _ in slipped)
            if len(text) >= 7:
                for some in (begins, ends):
                    long = extract(text, some, scorer=OSA.normalized_similarity, score_cutoff=0.65, limit=60)
                    alike.update(one for one, _, _ in long)
            alike.update(sorted(self._begins(text), key=len)[:60])
            # Its short forms: "Alexandre" is asked for, "Alex" is written.
            alike.update(text[:length] for length in range(3, len(text)))
        else:
            alike.update(sorted(self._begins(text), key=len)[:120])
        scored = {}
        for one in alike:
            if one in self.bearers:
                score = compare_words(word, stored_word(one, one in self.bare))[0]
                if not score and len(text) == 2 and one.startswith(text):
                    score = 0.6
                if score > 0.5:
                    scored[one] = score
        if len(scored) > NEAR:
            best = nlargest(NEAR, scored.items(), key=lambda item: (item[1], len(self.bearers[item[0]])))
            scored = dict(best)
        return scored

    @staticmethod
    def _piece(text: str) -> int:
        """One slip leaves the first or the last letters of a word as they are: so many."""
        return 3 if len(text) >= 6 else 2 if len(text) >= 4 else 1

    def _begins(self, start: str) -> list[str]:
        first = bisect_left(self.words, start)
        return self.words[first : bisect_left(self.words, f"{start}\x7f", lo=first)]

    def _ends(self, end: str) -> list[str]:
        start = end[::-1]
        first = bisect_left(self.backwards, start)
        return [
            word[::-1]
            for word in self.backwards[first : bisect_left(self.backwards, f"{start}\x7f", lo=first)]
        ]

    # ---------- whom they may speak of ----------
    def candidates(
        self,
        words: Sequence[Word],
        joined: Sequence[tuple[int, int, Word]] = (),
        *,
        year: int | None = None,
        allowed: set[int] | None = None,
        must_be_born_near: bool = False,
        limit: int,
    ) -> list[int]:
        """The files whose words agree best, at most ``limit``.

        A year that agrees counts, and so does where they live. ``joined`` are neighbours among ``words``, as one word.
        """
        common = self.common
        years = self.years
        first, last = (year - 2 - FIRST_YEAR, year + 2 - FIRST_YEAR) if year is not None else (0, 0)
        weighed: list[tuple[float, dict[int, float]]] = []
        for at, word in enumerate(words):
            near = dict(self.near(word))
            for start, end, one in joined:
                if start <= at < end:
                    for other, score in self.near(one).items():
                        if score >= 0.8:
                            near[other] = max(near.get(other, 0.0), score)
            weighed.append((common.weight(word), self._bearers_of(near, word, allowed)))
        weighed.sort(key=lambda item: len(item[1]))

        def born_near(person: int) -> bool:
            return first <= years[person] <= last

        some: set[int] = set()
        for at, (_, group) in enumerate(weighed):
            if len(group) <= MANY or allowed is not None:
                some.update(group)
            elif year is not None:
                some.update(person for person in group if born_near(person))
            for _, before in weighed[:at]:
                some.update(group.keys() & before.keys())
        if must_be_born_near:
            some = {person for person in some if born_near(person)}
        if len(some) > limit:
            bonus = (
                0.4 * sum(weight for weight, _ in weighed) / max(1, len(weighed)) if year is not None else 0.0
            )
            scores = dict.fromkeys(some, 0.0)
            for weight, group in weighed:
                for person in some & group.keys() if len(group) > len(some) else group:
                    if person in scores:
                        scores[person] += weight * group[person]
            if bonus:
                for person in some:
                    born = years[person]
                    if first <= born <= last:
                        scores[person] += bonus * (2.0 if born == first + 2 else 1.0)
                    elif born == UNKNOWN:
                        scores[person] += bonus / 2
            return nlargest(limit, some, key=scores.__getitem__)
        found = list(some)
        if len(found) < limit and not must_be_born_near:
            for _, group in weighed:
                best = (
                    nlargest(limit, group, key=group.__getitem__)
                    if len(group) <= 50_000
                    else list(group)[:limit]
                )
                found += [person for person in best if person not in some][: limit - len(found)]
                some.update(found)
        return found

    def _bearers_of(
        self, near: Mapping[str, float], word: Word, allowed: set[int] | None
    ) -> dict[int, float]:
        """Who bears one of these words, and how near the nearest is; those who live where the word says, a little."""
        group: dict[int, float] = {}
        place = {"st": "saint", "ste": "sainte"}.get(word.folded, word.folded)
        lists = [(0.2, self.residents[place])] if place in self.residents else []
        lists += sorted(((score, self.bearers[one]) for one, score in near.items()), key=lambda item: item[0])
        for score, persons in lists:
            if allowed is None:
                group.update(dict.fromkeys(persons, score))
            else:
                group.update(dict.fromkeys(allowed.intersection(persons), score))
        return group


_indexes: dict[str, NameIndex] = {}


def name_index() -> NameIndex:
    """That of the database of this process; tests have another one."""
    return _indexes.setdefault(str(connection.settings_dict["NAME"]), NameIndex())


def places_among(text: str) -> list[str]:
    """The words of a question, as they were typed, that more persons live at than are called by."""
    index = name_index()
    found = []
    for typed in text.split():
        folded = place_words(typed)
        if folded and all(
            len(index.residents.get(word, ())) > len(index.bearers.get(word, ())) for word in folded
        ):
            found.append(typed)
    return found


def read_names() -> None:
    """Reads all names, so that the first to look someone up need not wait; nothing happens without a database."""
    try:
        index = name_index()
        index.refresh()
        index.preselected(())
    except DatabaseError:
        logger.info("names are read at the first look-up: the database does not answer yet")


def read_names_ahead() -> Thread:
    """The same beside what a process does when it starts, with a connection of its own."""

    def read() -> None:
        try:
            read_names()
        finally:
            connection.close()

    thread = Thread(target=read, name="names", daemon=True)
    thread.start()
    return thread
