"""Bricks; a Django app only so that its templates, static files and tags are found, and new connections greeted."""

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.db.backends.signals import connection_created


class CommonConfig(AppConfig):
    name = "bagage.common"

    def ready(self) -> None:
        """Threads keep what is theirs; a new connection is told how many plans to keep, and how moments are read."""
        from bagage.common import among  # noqa: F401 (its lookup is there for all)
        from bagage.common.threads import keep_for_threads

        keep_for_threads()
        connection_created.connect(_greet, dispatch_uid="bagage.greet")


def _greet(sender: object, connection: Any, **more: object) -> None:
    """PostgreSQL's connections keep as many plans as the settings say; their own number is a hundred."""
    if connection.vendor != "postgresql":
        return
    from bagage.common.moments import MomentLoader

    connection.connection.adapters.register_loader("timestamptz", MomentLoader)
    if settings.KEPT_PLANS:
        connection.connection.prepared_max = settings.KEPT_PLANS
