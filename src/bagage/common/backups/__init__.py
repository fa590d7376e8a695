"""Back-ups of an installation: its database and the files of its home, in one sealed file.

A back-up is a tar archive (gzip) sealed with age: ``database.sqlite3`` or ``database.dump`` (``pg_dump``, custom
format), then ``home/…``: what persons gave (``files/``), the secret key, for whom back-ups are sealed; last
``manifest.json``, with the SHA-256 of each. Never the key that opens it, nor what is made anew at a start. Beside it
lies ``NAME.age.sha256``, which ``sha256sum -c`` reads too.

It is made in a work folder and renamed once it is on the disk: whatever stops it leaves no half file under its name.
"""

from bagage.common.backups.files import ERASED
from bagage.common.backups.making import Made, back_up, copy_again, start
from bagage.common.backups.opening import Checked, check
from bagage.common.backups.restoring import after_restore, restore
from bagage.common.backups.there import (
    Backup,
    State,
    backups_in,
    is_copy_missing,
    is_due,
    is_running,
    last_words,
    newest,
    prune,
    second_folder,
    state,
)

__all__ = [
    "ERASED",
    "Backup",
    "Checked",
    "Made",
    "State",
    "after_restore",
    "back_up",
    "backups_in",
    "check",
    "copy_again",
    "is_copy_missing",
    "is_due",
    "is_running",
    "last_words",
    "newest",
    "prune",
    "restore",
    "second_folder",
    "start",
    "state",
]
