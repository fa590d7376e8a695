"""Which back-ups lie there, whether they are late, which are kept."""

import json
import re
import shutil
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from bagage.common import sealing
from bagage.common.backups.files import CHECKSUM, SUFFIX
from bagage.common.installation import folder, held
from bagage.common.keeping import to_keep

# Copies made before an upgrade: so many are kept beside the rule, whatever their age.
KEPT_UPGRADES = 5
# What a restore put aside, persons' data included, is removed after this time.
REPLACED_FOR = timedelta(days=30)
# Without a good back-up for so long, something is wrong; a new installation has as much time for its first.
LATE = timedelta(hours=26)
EVERY = timedelta(hours=24)
# While the house sleeps, from this hour to that one, a back-up is made sooner rather than at the counter.
NIGHT = (2, 5)

_NAMED = re.compile(r"-\d{8}-\d{6}(?:-(?P<label>[a-z]+))?(?:-\d+)?$")


@dataclass(frozen=True)
class Backup:
    """One back-up that lies in a folder: when it was made (aware), its size in bytes, why ("" for the usual ones)."""

    path: Path
    made_at: datetime
    size: int
    label: str

    @property
    def is_of_the_house(self) -> bool:
        """Whether it holds the house as it was at that moment; what a restore replaced does not."""
        return self.label != "replaced"


def second_folder() -> Path | None:
    """The second folder or disk (``BAGAGE_BACKUP_DIR``), if one is set."""
    return Path(settings.BACKUP_DIR) if settings.BACKUP_DIR else None


def backups_in(place: Path) -> list[Backup]:
    """The back-ups of a folder, newest first; those of older versions, which are not sealed, too."""
    found = []
    for suffix in (SUFFIX, ".sqlite3", ".dump"):
        for path in place.glob(f"bagage-*{suffix}"):
            try:
                status = path.stat()
            except FileNotFoundError:
                continue
            made = datetime.fromtimestamp(status.st_mtime, timezone.get_default_timezone())
            found.append(Backup(path, made, status.st_size, _label(path)))
    return sorted(found, key=lambda one: (one.made_at, one.path.name), reverse=True)


def _label(path: Path) -> str:
    """``"upgrade"`` of ``bagage-0.1.0-20261128-020000-upgrade.age``; a number at the end counts a second, no label."""
    named = _NAMED.search(path.stem)
    return (named["label"] or "") if named else ""


def newest(place: Path) -> Backup | None:
    """The newest back-up of the house as it stands in a folder."""
    return next((one for one in backups_in(place) if one.is_of_the_house), None)


def last_words() -> dict[str, Any]:
    """What the last run said: ``{"at", "error", "second_error", "seconds"}``; empty before the first."""
    try:
        said: dict[str, Any] = json.loads((folder("run") / "backup.json").read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return said


def say(**words: object) -> None:
    words["at"] = timezone.now().isoformat()
    sealing.write_private(folder("run") / "backup.json", json.dumps(words))


def is_running() -> bool:
    """Whether a back-up is being made or restored at this moment."""
    with held("backup") as lock:
        return lock is None


def since_first_start(now: datetime) -> timedelta | None:
    """How long this home has been able to seal a back-up; None when it never was started."""
    try:
        made = (Path(settings.BAGAGE_HOME) / sealing.RECIPIENTS).stat().st_mtime
    except FileNotFoundError:
        return None
    return max(timedelta(0), now - datetime.fromtimestamp(made, timezone.get_default_timezone()))


@dataclass(frozen=True)
class State:
    """Where this installation stands with its back-ups; ``hours`` since the last one that lies in every folder.

    ``is_new``: there never was one, and the first is not late yet.
    """

    is_well: bool
    is_new: bool
    hours: float | None
    last: Backup | None
    second: Backup | None


def state(now: datetime) -> State:
    """Whether a good back-up was made in the last 26 hours, in the home and in the second folder if one is set."""
    last, second_place = newest(folder("backups")), second_folder()
    second = newest(second_place) if second_place else None
    all_there = [last, second] if second_place else [last]
    ages = [now - one.made_at for one in all_there if one is not None]
    if len(ages) == len(all_there):
        age = max(timedelta(0), *ages)
        return State(age <= LATE, False, age.total_seconds() / 3600, last, second)
    started = since_first_start(now)
    is_new = started is None or started <= LATE
    return State(is_new, is_new, None, last, second)


def is_due(now: datetime) -> bool:
    """Whether the next one is to be made: a day after the last, or in the night after it."""
    last = newest(folder("backups"))
    if last is None:
        return True
    age = now - last.made_at
    is_night = NIGHT[0] <= timezone.localtime(now).hour < NIGHT[1]
    return age >= EVERY or (is_night and age >= EVERY / 2)


def is_copy_missing() -> bool:
    """Whether the last one does not lie in the second folder, though one is set."""
    last, place = newest(folder("backups")), second_folder()
    return last is not None and place is not None and not (place / last.path.name).exists()


def prune() -> list[Path]:
    """Remove, in both folders, what the rule does not keep; return what was removed.

    Kept: the newest of each of the last days, weeks and months (settings), and the last few made before an upgrade.
    What a restore put aside goes after 30 days.
    """
    removed = []
    places = [folder("backups"), second_folder()]
    for place in places:
        if place is None or not place.is_dir():
            continue
        there = backups_in(place)
        usual = [one for one in there if not one.label]
        moments = to_keep(
            (one.made_at for one in usual),
            daily=settings.BACKUP_DAILY,
            weekly=settings.BACKUP_WEEKLY,
            monthly=settings.BACKUP_MONTHLY,
        )
        kept = {one.path for one in usual if one.made_at in moments}
        for label in {one.label for one in there if one.label}:
            kept |= {one.path for one in there if one.label == label} & {
                one.path for one in [each for each in there if each.label == label][:KEPT_UPGRADES]
            }
        for one in there:
            if one.path not in kept:
                one.path.unlink(missing_ok=True)
                one.path.with_name(one.path.name + CHECKSUM).unlink(missing_ok=True)
                removed.append(one.path)
    limit = time.time() - REPLACED_FOR.total_seconds()
    for aside in Path(settings.BAGAGE_HOME).glob("replaced-*"):
        if aside.stat().st_mtime < limit:
            shutil.rmtree(aside, ignore_errors=True)
            removed.append(aside)
    return removed
