"""Back-ups are sealed with age (https://age-encryption.org): anyone may close one, only the key opens it.

``BAGAGE_HOME/backup_recipients`` holds the public half, one ``age1…`` a line, and stays. The private half is made with
it at the first start and waits in ``BAGAGE_HOME/backup_key`` until someone has noted it elsewhere; then it is removed,
so that who takes the machine and its back-ups cannot read them. Both files are those of the ``age`` program, with which
a back-up can be opened without Bagage.
"""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO

import pyrage  # type: ignore[import-untyped]
from django.conf import settings
from django.core.management.base import CommandError
from django.utils import timezone

HEADER = b"age-encryption.org/v1"
RECIPIENTS = "backup_recipients"
IDENTITY = "backup_key"
SECRET = "AGE-SECRET-KEY-1"

Identities = Sequence[pyrage.x25519.Identity]


def _home(name: str) -> Path:
    return Path(settings.BAGAGE_HOME) / name


def write_private(path: Path, text: str) -> None:
    """Write a file for its owner alone, whole or not at all."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


# ---------- for whom ----------


def _lines(path: Path) -> list[str]:
    """What stands in a file of age, without its comments; nothing when there is no such file."""
    try:
        text = path.read_text()
    except FileNotFoundError:
        return []
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]


def recipients() -> list[str]:
    """For whom back-ups are sealed here: ``["age1…"]``; empty before the first start."""
    return _lines(_home(RECIPIENTS))


def first_key() -> str:
    """Make a pair when there is none yet; return for whom back-ups are sealed."""
    return (recipients() or [new_key()])[0]


def new_key() -> str:
    """Make a pair: back-ups to come open only with the new key, those already made only with the old one."""
    identity = pyrage.x25519.Identity.generate()
    public = str(identity.to_public())
    made = timezone.localtime().isoformat(timespec="seconds")
    # The private half first: a stop in between leaves no back-up that nothing opens.
    write_private(_home(IDENTITY), f"# created: {made}\n# public key: {public}\n{identity}\n")
    write_private(_home(RECIPIENTS), f"# Bagage seals its back-ups for whoever is named here.\n{public}\n")
    return public


def seal_for(given: Iterable[str]) -> None:
    """Seal back-ups to come for these (``age1…``), whose keys are kept elsewhere already.

    CommandError when one cannot be read; nothing is changed then.
    """
    wanted = [one.strip() for one in given]
    for one in wanted:
        _recipient(one)
    write_private(_home(RECIPIENTS), "\n".join(wanted) + "\n")
    _home(IDENTITY).unlink(missing_ok=True)


def _recipient(text: str) -> pyrage.x25519.Recipient:
    try:
        return pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError as error:
        raise CommandError(f"{text!r} is not a public key of age (age1…).", returncode=2) from error


# ---------- the key ----------


def key_that_waits() -> str:
    """The private key that nobody has noted yet, ``"AGE-SECRET-KEY-1…"``; ``""`` once it is gone from here."""
    return next(iter(_lines(_home(IDENTITY))), "")


def forget_key() -> bool:
    """Remove the private key from the home, once it is noted; whether there was one."""
    try:
        _home(IDENTITY).unlink()
    except FileNotFoundError:
        return False
    return True


def read_keys(text: str) -> list[pyrage.x25519.Identity]:
    """The private keys in a text, as it was printed or typed from paper: spaces and small letters do not matter.

    CommandError when there is none.
    """
    kept = "".join(
        "" if line.lstrip().startswith("#") else "".join(line.split()).upper() for line in text.splitlines()
    )
    found = []
    for part in kept.split(SECRET)[1:]:
        try:
            found.append(pyrage.x25519.Identity.from_str(SECRET + part))
        except pyrage.IdentityError as error:
            raise CommandError(
                "The key cannot be read: compare it with the paper, sign by sign.", returncode=2
            ) from error
    if not found:
        raise CommandError(f"There is no key here: it begins with {SECRET}.", returncode=2)
    return found


def keys_from(file: Path | None) -> list[pyrage.x25519.Identity]:
    """The keys of a file, or, without one, the key that still waits in the home; none when it is gone."""
    if file is not None:
        try:
            return read_keys(file.read_text())
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"--key: {file} cannot be read.", returncode=2) from error
    waiting = key_that_waits()
    return read_keys(waiting) if waiting else []


# ---------- closing and opening ----------


def seal(source: IO[bytes], target: IO[bytes]) -> None:
    """Write what ``source`` holds into ``target``, sealed for the recipients of this home."""
    pyrage.encrypt_io(source, target, [_recipient(one) for one in recipients() or [first_key()]])


def is_sealed(path: Path) -> bool:
    """Whether a file is one of age, by its first bytes."""
    with path.open("rb") as file:
        return file.read(len(HEADER)) == HEADER


def open_sealed(source: IO[bytes], target: IO[bytes], keys: Identities) -> None:
    """Write what is sealed in ``source`` into ``target``. CommandError for another key or a damaged file."""
    if not keys:
        raise CommandError("FILE is sealed: say --key FILE, the key that was noted.", returncode=2)
    try:
        pyrage.decrypt_io(source, target, keys)
    except pyrage.DecryptError as error:
        if "matching keys" in str(error):
            raise CommandError("FILE was sealed for another key.", returncode=2) from error
        raise CommandError(f"FILE is damaged: {error}.", returncode=2) from error
    except OSError as error:
        # The library says in this way that the file ends too soon or was changed; a full disk says so itself.
        why = error.strerror or "it ends too soon, or was changed"
        raise CommandError(f"FILE cannot be opened: {why}.", returncode=2) from error
