"""Papers that belong to her file: a bill, signed terms. Checked by their bytes, kept in the home, gone on their day.

The bytes lie under ``files/attachments/`` by an id that says nothing; the row is written once they are on the disk, so
that a stop in between leaves bytes without a row, which a job removes, never a row without bytes.
"""

import hashlib
import os
import re
import time
import uuid
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from bagage.accounts.models import User, actor_of
from bagage.common.errors import BusinessError, Conflict
from bagage.people.domain.papers import SUFFIXES, NotThePicture, bare, is_heic, media_type_of
from bagage.people.models import Attachment, Person
from bagage.people.queries import place_of
from bagage.people.services._common import locked, note, refuse_frozen
from bagage.trail.domain.actor import Actor
from bagage.trail.services import record_reading

FOLDER = "attachments"
# Bytes without a row are left for so long: the one that writes them may not have come to its row yet.
ORPHAN_AFTER = timedelta(hours=24)
LONGEST = timedelta(days=10 * 366)
_KEYS = uuid.UUID("0a0cf7a2-58b7-5d3c-8a1e-2f6f2f4f6b35")


def add_attachment(
    person: Person,
    *,
    content: bytes,
    name: str,
    kind: str,
    keep_until: date,
    by: User | Actor,
    at: datetime | None = None,
    about: str = "",
    key: str = "",
) -> Attachment:
    """Keeps a paper in her file until ``keep_until`` (its last day), without what a photograph says aside.

    The same ``key`` by the same actor keeps one, and so does the same paper given twice. BusinessError for what is
    too large, is neither a PDF nor a picture, or is kept no day or more than ten years.
    """
    at = at or timezone.now()
    media_type, content = _checked(content)
    today = timezone.localdate(at)
    if not today <= keep_until <= today + LONGEST:
        raise BusinessError(
            gettext("Choisissez un jour entre aujourd’hui et dans dix ans."), field="keep_until"
        )
    public_id = uuid.uuid5(_KEYS, f"{actor_of(by)}:{key}") if key else uuid.uuid4()
    digest = hashlib.sha256(content).hexdigest()
    known = _known(person, public_id, digest)
    if known is not None:
        return known
    path = f"{FOLDER}/{public_id.hex[:2]}/{uuid.uuid4().hex}"
    _write(path, content)
    try:
        with transaction.atomic():
            person = locked(person)
            known = _known(person, public_id, digest)
            if known is None:
                attachment = Attachment.objects.create(
                    uuid=public_id,
                    person=person,
                    kind=kind,
                    about=about,
                    name=_file_name(name, media_type),
                    media_type=media_type,
                    size=len(content),
                    digest=digest,
                    path=path,
                    added_at=at,
                    added_by=by if isinstance(by, User) else None,
                    keep_until=keep_until,
                )
                note(by, "add_attachment", person, at=at, thing=f"attachment:{public_id}", fields=[kind])
                return attachment
    except BaseException:
        _forget([path])
        raise
    _forget([path])
    return known


def _checked(content: bytes) -> tuple[str, bytes]:
    """What it is, and the same without what it says aside."""
    most = settings.ATTACHMENT_MEGABYTES
    if not content:
        raise BusinessError(gettext("Ce fichier est vide."), field="file")
    if len(content) > most * 1024 * 1024:
        raise BusinessError(
            gettext("Ce fichier pèse plus de %(most)s Mo. Photographiez une page à la fois.")
            % {"most": most},
            field="file",
        )
    media_type = media_type_of(content)
    if not media_type:
        if is_heic(content):
            raise BusinessError(
                gettext(
                    "Cette photo est dans un format que peu d’ordinateurs lisent (HEIC). Prenez-la avec "
                    "« Photographier », ou choisissez JPEG dans les réglages de l’appareil photo."
                ),
                field="file",
            )
        raise BusinessError(
            gettext("Ce n’est ni un PDF ni une photo (JPEG, PNG, WebP) : Bagage ne garde pas autre chose."),
            field="file",
        )
    try:
        return media_type, bare(content, media_type)
    except NotThePicture as error:
        raise BusinessError(
            gettext("Cette photo est coupée ou abîmée. Reprenez-la."), field="file"
        ) from error


def _file_name(name: str, media_type: str) -> str:
    """What it is called when it is taken out again: plain signs, and the ending of what it is."""
    stem = re.sub(
        r"[^\w .()’'-]+", " ", name.replace("\\", "/").rpartition("/")[2].rpartition(".")[0] or name
    )
    stem = " ".join(stem.split()).strip(" .")[:100]
    return (stem or gettext("papier")) + SUFFIXES[media_type]


def _known(person: Person, public_id: uuid.UUID, digest: str) -> Attachment | None:
    """The one that was sent already: pressed twice, or the same paper."""
    there = Attachment.objects.filter(person=person, removed_at=None)
    return (
        Attachment.objects.filter(uuid=public_id).first()
        or there.filter(digest=digest).order_by("pk").first()
    )


@transaction.atomic
def remove_attachment(attachment: Attachment, *, by: User | Actor, at: datetime | None = None) -> Attachment:
    """Takes a paper out of her file: its bytes and its name go, that there was one stays.

    Conflict while she contests what is in her file: a paper may be what settles it.
    """
    at = at or timezone.now()
    attachment = (
        Attachment.objects.select_for_update(of=("self",)).select_related("person").get(pk=attachment.pk)
    )
    if attachment.removed_at is not None:
        return attachment
    refuse_frozen(attachment.person)
    _take_out(attachment, at)
    note(by, "remove_attachment", attachment.person, at=at, thing=f"attachment:{attachment.uuid}")
    return attachment


def read_attachment(attachment: Attachment, *, by: User, at: datetime | None = None) -> bytes:
    """Its bytes, as they were given; the reading is noted. Conflict when they are no longer there or were changed."""
    at = at or timezone.now()
    try:
        content = _path(attachment.path).read_bytes() if attachment.removed_at is None else b""
    except OSError:
        content = b""
    if hashlib.sha256(content).hexdigest() != attachment.digest:
        raise Conflict(gettext("Ce papier n’est plus là : il a été retiré, ou sa copie est abîmée."))
    place = place_of(attachment.person, by, at)
    record_reading(
        by.actor,
        "read_attachment",
        at=at,
        place=place,
        person=attachment.person.uuid,
        thing=f"attachment:{attachment.uuid}",
    )
    return content


def remove_expired_attachments(*, at: datetime | None = None) -> int:
    """Takes out the papers whose last day has passed; how many."""
    at = at or timezone.now()
    by, removed = Actor.system("attachments"), 0
    due = Attachment.objects.filter(removed_at=None, keep_until__lt=timezone.localdate(at))
    for attachment in due.select_related("person").order_by("pk"):
        try:
            remove_attachment(attachment, by=by, at=at)
        except Conflict:  # her file is frozen: it goes once that is settled
            continue
        removed += 1
    return removed


def sweep_attachments() -> int:
    """Removes bytes that no row names, once they have lain for a day; how many files."""
    root = _path(FOLDER)
    if not root.is_dir():
        return 0
    limit = time.time() - ORPHAN_AFTER.total_seconds()
    old = {
        path.relative_to(settings.MEDIA_ROOT).as_posix(): path
        for path in root.rglob("*")
        if path.is_file() and path.stat().st_mtime < limit
    }
    named = set(Attachment.objects.filter(removed_at=None).values_list("path", flat=True))
    orphans = [path for name, path in old.items() if name not in named]
    for path in orphans:
        path.unlink(missing_ok=True)
    return len(orphans)


def _take_out(attachment: Attachment, at: datetime) -> None:
    path = attachment.path
    attachment.removed_at, attachment.name = at, ""
    attachment.save(update_fields=["removed_at", "name"])
    transaction.on_commit(lambda: _forget([path]))


# ---------- the disk ----------


def _path(name: str) -> Path:
    return Path(settings.MEDIA_ROOT) / name


def _write(name: str, content: bytes) -> None:
    """The bytes and their name are on the disk when this returns."""
    path = _path(name)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _forget(names: Iterable[str]) -> None:
    for name in names:
        _path(name).unlink(missing_ok=True)
