"""Signs of life of the processes beside the web server, kept as files in ``BAGAGE_HOME/run``.

A file and not a row: a beat every few seconds must not make the database wait.
"""

import time
from pathlib import Path

from django.conf import settings


def _file(name: str) -> Path:
    folder = Path(settings.BAGAGE_HOME) / "run"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / f"{name}.beat"


def beat(name: str) -> None:
    """Say that the process called ``name`` ("worker", "scheduler") is alive; call it at each turn of its loop."""
    _file(name).touch()


def age(name: str) -> float | None:
    """Seconds since its last beat; None when there never was one."""
    try:
        return max(0.0, time.time() - _file(name).stat().st_mtime)
    except FileNotFoundError:
        return None
