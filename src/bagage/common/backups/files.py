"""Files of a back-up: written whole or not at all, for their owner alone."""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from bagage.common import sealing
from bagage.common.installation import folder

SUFFIX = ".age"
CHECKSUM = ".sha256"
BLOCK = 1024 * 1024
# Ids of persons who were erased, one a line: added to, never replaced, so that they stay erased after any restore.
ERASED = "erased.jsonl"


def free_name(path: Path) -> Path:
    """The path, with a number when a back-up of the same second is there."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_stem(f"{path.stem}-{number}")
    return free


@contextmanager
def work_folder() -> Iterator[Path]:
    """An empty folder of the home for the length of a back-up; what one that was killed left is removed first."""
    work = folder("run") / "backup-work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(mode=0o700)
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def private(path: Path) -> IO[bytes]:
    """A new file for its owner alone."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def put(source: Path, target: Path, digest: str, move: Callable[[Path, Path], object]) -> None:
    """Give a finished file its name, after its checksum; both are on the disk when this returns."""
    flush(source)
    sealing.write_private(target.with_name(target.name + CHECKSUM), f"{digest}  {target.name}\n")
    move(source, target)
    flush(target.parent)


def merge_lines(path: Path, lines: list[str]) -> None:
    """Add the lines that a file has not got yet."""
    known = path.read_text().splitlines() if path.exists() else []
    wanted = dict.fromkeys([*known, *(line for line in lines if line.strip())])
    if list(wanted) != known:
        sealing.write_private(path, "".join(f"{line}\n" for line in wanted))
