"""The one data folder of an installation (``BAGAGE_HOME``): database, secret key, back-ups.

Everything that must survive an upgrade lives there, so that copying one folder is a back-up.
"""

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def home_folder() -> Path:
    """The data folder, made on first use with rights for its owner alone.

    Taken from ``BAGAGE_HOME``; without it, ``~/.bagage``.
    """
    folder = Path(os.environ.get("BAGAGE_HOME") or Path.home() / ".bagage").expanduser().resolve()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        is_usable = False
    else:
        is_usable = os.access(folder, os.R_OK | os.W_OK | os.X_OK)
    if not is_usable:
        raise ImproperlyConfigured(f"BAGAGE_HOME: {folder} is not a folder that can be written")
    return folder


def secret_key(folder: Path) -> str:
    """``SECRET_KEY`` from the environment, else the one kept in the folder, made on first start.

    The file is created exclusively, so two processes that start together agree on one key.
    """
    from_environment = os.environ.get("SECRET_KEY")
    if from_environment:
        return from_environment
    path = folder / "secret_key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        kept = path.read_text().strip()
        if kept:
            return kept
        # The process that made the file was stopped before it wrote into it.
        path.unlink()
        return secret_key(folder)
    key = secrets.token_urlsafe(50)
    with os.fdopen(descriptor, "w") as file:
        file.write(key + "\n")
        file.flush()
        os.fsync(file.fileno())
    return key
