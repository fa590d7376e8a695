"""Signed links: an address that proves by itself what it opens and until when."""

import logging
import time
from datetime import timedelta
from typing import Any

from django.core import signing
from django.utils.translation import gettext_lazy as _

from bagage.common.errors import BusinessError

logger = logging.getLogger("bagage.links")


class LinkRefused(BusinessError):
    """A link that opens nothing: shown as a page that says how to get another."""

    status = 404
    template = "errors/link.html"


class LinkExpired(LinkRefused):
    """It was ours, and its time is over."""

    def __init__(self) -> None:
        super().__init__(_("Ce lien a servi son temps : il s’est éteint à sa date."))


class LinkForged(LinkRefused):
    """It is not ours, was cut when copied, or was made for another purpose."""

    def __init__(self) -> None:
        super().__init__(
            _("Ce lien est incomplet ou n’a pas été fait ici. Vérifiez qu’il a été copié en entier.")
        )


def make_token(purpose: str, payload: Any, max_age: timedelta) -> str:
    """A token for an address: ``payload`` (JSON values) is readable by whoever holds it, and cannot be changed.

    Put an id in it, never a name. ``purpose`` separates the kinds of links: one never opens another's page.
    """
    until = int(time.time() + max_age.total_seconds())
    return signing.dumps([payload, until], salt=f"bagage.link.{purpose}")


def read_token(purpose: str, token: str) -> Any:
    """The payload of a token, or :class:`LinkExpired` or :class:`LinkForged`."""
    try:
        payload, until = signing.loads(token, salt=f"bagage.link.{purpose}")
    except (signing.BadSignature, ValueError, TypeError) as error:
        logger.warning("A link that is not ours was tried, for %s", purpose)
        raise LinkForged from error
    if time.time() > until:
        raise LinkExpired
    return payload
