"""What accounts answer to: signing in, and what someone changes on her own account."""

import time
from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest

from bagage.accounts.middleware import LAST_SEEN
from bagage.accounts.models import User
from bagage.accounts.services import note_protection


def start_the_clock(sender: Any, request: HttpRequest | None = None, **kwargs: Any) -> None:
    """The time without a click counts from signing in."""
    if request is not None and hasattr(request, "session"):
        request.session[LAST_SEEN] = int(time.time())


def note_password(sender: Any, user: User, **kwargs: Any) -> None:
    """A new password is noted in the trail."""
    note_protection(user, "account.password")


def note_factor_added(sender: Any, user: User, **kwargs: Any) -> None:
    """A passkey, an app or paper codes were added."""
    note_protection(user, "account.second_step_add")


def note_factor_removed(sender: Any, user: User, **kwargs: Any) -> None:
    """A passkey, an app or paper codes were removed."""
    note_protection(user, "account.second_step_remove")


def connect() -> None:
    """Called once, when the app is ready."""
    user_logged_in.connect(start_the_clock, dispatch_uid="accounts.start_the_clock")
    for signal in (account.password_changed, account.password_reset, account.password_set):
        signal.connect(note_password, dispatch_uid="accounts.note_password")
    for signal in (mfa.authenticator_added, mfa.authenticator_reset):
        signal.connect(note_factor_added, dispatch_uid="accounts.note_factor_added")
    mfa.authenticator_removed.connect(note_factor_removed, dispatch_uid="accounts.note_factor_removed")
