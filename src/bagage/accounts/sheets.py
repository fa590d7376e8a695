"""Fresh invitation codes, printable for a quarter of an hour by who made them; afterwards only their hash exists."""

import time

from django.http import HttpRequest

from bagage.accounts.models import User
from bagage.accounts.services import Invited

SECONDS = 15 * 60
KEY = "invitation_sheets"


def keep_sheet(request: HttpRequest, invited: Invited) -> None:
    """Remember the code in the session of who made it; older ones are forgotten."""
    now = time.time()
    kept = {key: pair for key, pair in request.session.get(KEY, {}).items() if pair[1] > now - SECONDS}
    kept[str(invited.user.uuid)] = [invited.code, now]
    request.session[KEY] = kept


def kept_code(request: HttpRequest, user: User) -> str:
    """The code that can still be printed for this account, or ``""``."""
    code, made = request.session.get(KEY, {}).get(str(user.uuid), ("", 0.0))
    return str(code) if made > time.time() - SECONDS else ""
