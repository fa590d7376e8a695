"""What is done with the house as a whole from its pages: its back-ups and the key that opens them."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from bagage.accounts.models import User
from bagage.common import backups, sealing
from bagage.common.errors import Conflict
from bagage.trail.services import record


def ask_for_backup(*, by: User, at: datetime | None = None) -> bool:
    """Have a back-up made now, beside what people are doing; whether one was started, for one may be under way."""
    if backups.is_running():
        return False
    with transaction.atomic():
        record(by.actor, "backup.ask", at=at or timezone.now())
    backups.start()
    return True


def show_key(*, by: User, at: datetime | None = None) -> str:
    """The key that opens the back-ups, while nobody has noted it; Conflict once it is gone."""
    key = sealing.key_that_waits()
    if not key:
        raise Conflict(gettext("La clé n’est plus ici : elle a été notée ailleurs."))
    with transaction.atomic():
        record(by.actor, "backup.show_key", at=at or timezone.now())
    return key


def forget_key(*, by: User, at: datetime | None = None) -> None:
    """The key is noted elsewhere: it leaves the machine. Pressed twice, it is gone once."""
    if sealing.forget_key():
        with transaction.atomic():
            record(by.actor, "backup.forget_key", at=at or timezone.now())
