"""Reads the sentences out of the code and keeps the catalogues in step with them.

    python -m tests.messages            (make messages)

Screens are written in French: the French sentence is the key. ``locale/en`` holds what each becomes in English;
``locale/fr`` holds only the sentences that change with a number, so that French counts as French does ("0 réponse").
Translations are kept, sentences that are gone are dropped, new ones are left empty and listed: nothing is guessed.
Both .po and .mo are written, the same bytes from the same sentences; the .mo needs no tool but Python.
"""

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import polib

PACKAGE = Path(__file__).resolve().parent.parent / "src" / "bagage"
LOCALE = PACKAGE / "locale"
READ = {".py", ".html", ".txt"}

Key = tuple[str | None, str, str]

HEADERS = {
    "en": {"Language": "en", "Plural-Forms": "nplurals=2; plural=(n != 1);"},
    "fr": {"Language": "fr", "Plural-Forms": "nplurals=2; plural=(n > 1);"},
}
COMMON_HEADERS = {
    "Project-Id-Version": "Bagage",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
}


def key(entry: polib.POEntry) -> Key:
    """What makes a sentence one: its context, its words, its words for several."""
    return entry.msgctxt, entry.msgid, entry.msgid_plural


def catalogue_path(language: str) -> Path:
    """The catalogue of a language, in its readable form."""
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def catalogue(language: str) -> polib.POFile:
    """The catalogue as it is kept; empty if there is none."""
    path = catalogue_path(language)
    return polib.pofile(str(path), wrapwidth=0) if path.exists() else polib.POFile(wrapwidth=0)


@contextlib.contextmanager
def _copy_of_the_code() -> Iterator[Path]:
    """The files that hold sentences, in a folder of their own: the tool writes between them while it reads."""
    with tempfile.TemporaryDirectory(prefix="bagage-messages-") as folder:
        root = Path(folder)
        for path in PACKAGE.rglob("*"):
            if path.suffix in READ and path.is_file() and "__pycache__" not in path.parts:
                copy = root / path.relative_to(PACKAGE)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, copy)
        (root / "locale").mkdir(exist_ok=True)
        yield root


def extracted() -> polib.POFile:
    """Every sentence of the code of today, untranslated, in the order of the files."""
    from django.core.management import call_command
    from django.test import override_settings

    with _copy_of_the_code() as root, override_settings(LOCALE_PATHS=[str(root / "locale")]):
        with contextlib.chdir(root):
            call_command("makemessages", locale=["en"], add_location="file", no_wrap=True, verbosity=0)
        return polib.pofile(str(root / "locale" / "en" / "LC_MESSAGES" / "django.po"), wrapwidth=0)


def _entry(found: polib.POEntry) -> polib.POEntry:
    """A sentence without words yet, with where it is and what was said for its translator."""
    flags = [flag for flag in found.flags if flag != "fuzzy"]
    return polib.POEntry(
        msgctxt=found.msgctxt,
        msgid=found.msgid,
        msgid_plural=found.msgid_plural,
        msgstr_plural={0: "", 1: ""} if found.msgid_plural else {},
        comment=found.comment,
        occurrences=[(path, "") for path in sorted({path for path, _line in found.occurrences})],
        flags=flags,
    )


def _new(language: str) -> polib.POFile:
    po = polib.POFile(wrapwidth=0)
    po.metadata = {**COMMON_HEADERS, **HEADERS[language]}
    return po


def english(found: polib.POFile, kept: polib.POFile) -> polib.POFile:
    """The English catalogue: the sentences of ``found`` with the words of ``kept``."""
    words = {key(entry): entry for entry in kept if not entry.obsolete and not entry.fuzzy}
    po = _new("en")
    for one in found:
        entry = _entry(one)
        same = words.get(key(one))
        if same:
            entry.msgstr, entry.msgstr_plural = same.msgstr, dict(same.msgstr_plural) or entry.msgstr_plural
        po.append(entry)
    return po


def french(found: polib.POFile) -> polib.POFile:
    """The French catalogue: only what changes with a number, as it is written in the code."""
    po = _new("fr")
    for one in found:
        if one.msgid_plural:
            entry = _entry(one)
            entry.msgstr_plural = {0: one.msgid, 1: one.msgid_plural}
            po.append(entry)
    return po


def untranslated(po: polib.POFile) -> list[str]:
    """The sentences that still need words."""
    return [
        entry.msgid
        for entry in po
        if not (all(entry.msgstr_plural.values()) if entry.msgid_plural else entry.msgstr)
    ]


def write(po: polib.POFile, language: str) -> None:
    """Both forms of a catalogue; a file that would not change is left alone."""
    path = catalogue_path(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    for file, content in ((path, f"{po}".encode()), (path.with_suffix(".mo"), po.to_binary())):
        if not file.exists() or file.read_bytes() != content:
            file.write_bytes(content)


def main() -> int:
    """Brings both catalogues up to date; leaves with 1 while English lacks words."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bagage.config.settings_test")
    import django

    django.setup()
    found = extracted()
    po = english(found, catalogue("en"))
    write(po, "en")
    write(french(found), "fr")
    missing = untranslated(po)
    for sentence in missing:
        print(f"no English yet: {sentence!r}")
    print(f"{len(po)} sentences, {len(missing)} without English")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
