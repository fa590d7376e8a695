"""On a real home: after an erasure no byte of hers is left in its files, nor after an older back-up was put back."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from tests.privacy.planting import found_in_files
from tests.processes import ROOT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("install"),
    # Its home is on SQLite either way: once is enough.
    pytest.mark.skipif("DATABASE_URL" in os.environ, reason="run with the tests on SQLite"),
]

PLANT = """
from django.utils import timezone
from tests.privacy.planting import Planter, write_files
planter = Planter(timezone.now())
person = planter.plant()
# As many others, so that pages of the file are shared, split and freed.
for number in range(200):
    planter.make("people.SituationFact", keep=False)
print(person.uuid, len(write_files(person, planter)))
"""
ERASE = """
from bagage.people.models import Person
from bagage.trail.domain.actor import Actor
from bagage.trail.services import erase_persons
person = Person.objects.get(chosen_name__startswith="zq")
print(erase_persons([person.pk], reason="wish", by=Actor.system("try")).files)
"""
SEARCH = """
from bagage.people.models import Person
from tests.privacy.planting import found_in_database
print(found_in_database(), Person.objects.exclude(erased_at=None).count())
"""


def run(home: Path, *arguments: str) -> str:
    """One command of Bagage on this home, as a keeper of a small box types it."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}
    }
    environment |= {"BAGAGE_HOME": str(home), "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}
    done = subprocess.run(
        [sys.executable, "-m", "bagage", *arguments],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


def shell(home: Path, code: str) -> str:
    return run(home, "shell", "-v0", "-c", code).splitlines()[-1]


@pytest.mark.skipif(
    connection.vendor != "sqlite", reason="the files of PostgreSQL are its own; VACUUM frees them"
)
def test_no_byte_of_hers_is_left_in_the_home_nor_comes_back(tmp_path: Path):
    home = tmp_path / "home"
    home.mkdir()
    run(home, "migrate", "-v0")
    assert shell(home, PLANT).split()[1] == "1"
    run(home, "backup")
    backups = [path for path in (home / "backups").iterdir() if path.suffix in {".age", ".sqlite3"}]
    assert len(backups) == 1
    files = found_in_files(home)
    assert [name for name in files if name.startswith("bagage.sqlite3")] != []
    assert [name for name in files if name.startswith("files/")] != []

    assert shell(home, ERASE) == "1"
    assert shell(home, SEARCH) == "[] 1"
    assert [name for name in found_in_files(home) if not name.startswith("backups/")] == []

    run(home, "restore", str(backups[0]))
    assert shell(home, SEARCH) == "[] 1"
    assert [name for name in found_in_files(home) if not name.startswith("backups/")] == []
