"""The back-ups of the installation: how old the last one is, where it lies, the key that opens it."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from bagage.accounts.models import User
from bagage.common import backups, sealing
from bagage.common.installation import folder
from bagage.desk import services
from bagage.desk.permissions import can_keep_backups

SHOWN = 30


def who_keeps(request: HttpRequest) -> User:
    """Who asks, if she runs the whole installation; 403 otherwise."""
    user = request.user
    if not isinstance(user, User) or not can_keep_backups(user):
        raise PermissionDenied
    return user


@require_safe
def backup_list(request: HttpRequest) -> HttpResponse:
    """Whether the house is saved, where, and what to do when it is not."""
    who_keeps(request)
    now = timezone.now()
    there = backups.backups_in(folder("backups"))
    second = backups.second_folder()
    return render(
        request,
        "desk/backups.html",
        {
            "state": backups.state(now),
            "is_running": backups.is_running(),
            "said": backups.last_words(),
            "next": next_words(now),
            "there": there[:SHOWN],
            "more": max(0, len(there) - SHOWN),
            "total": sum(one.size for one in there),
            "folder": folder("backups"),
            "second": second,
            "recipients": sealing.recipients(),
            "key_waits": bool(sealing.key_that_waits()),
            "rule": (settings.BACKUP_DAILY, settings.BACKUP_WEEKLY, settings.BACKUP_MONTHLY),
        },
    )


def next_words(now: datetime) -> str:
    """When the next one is made, in words."""
    if backups.is_due(now):
        return gettext("dans l’heure")
    return gettext("la nuit prochaine, entre 2 h et 5 h")


@require_POST
def backup_now(request: HttpRequest) -> HttpResponse:
    """Make one now; the page says when it is there."""
    if services.ask_for_backup(by=who_keeps(request)):
        messages.success(
            request, gettext("La sauvegarde est lancée. Vous pouvez partir : elle se fait sans vous.")
        )
    else:
        messages.info(request, gettext("Une sauvegarde est déjà en cours."))
    return redirect("desk:backups")


@require_POST
def backup_key(request: HttpRequest) -> HttpResponse:
    """The key, to note on paper. Never under an address that a browser keeps."""
    key = services.show_key(by=who_keeps(request))
    groups = [key[start : start + 6] for start in range(0, len(key), 6)]
    response = render(request, "desk/backup_key.html", {"groups": groups, "today": timezone.localdate()})
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def backup_key_noted(request: HttpRequest) -> HttpResponse:
    """It is noted: it leaves the machine."""
    services.forget_key(by=who_keeps(request))
    messages.success(request, gettext("La clé n’est plus sur cette machine. Gardez le papier."))
    return redirect("desk:backups")
