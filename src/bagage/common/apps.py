"""Bricks; a Django app only so that its templates, static files and tags are found, and new connections greeted."""

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.db.backends.signals import connection_created


class CommonConfig(AppConfig):
    name = "bagage.common"

    def ready(self) -> None:
        """Each new connection is told how many plans to keep."""
        from bagage.common import among  # noqa: F401 (its lookup is there for all)

        connection_created.connect(_keep_plans, dispatch_uid="bagage.kept_plans")


def _keep_plans(sender: object, connection: Any, **more: object) -> None:
    """PostgreSQL's connections keep as many plans as the settings say; their own number is a hundred."""
    if connection.vendor == "postgresql" and settings.KEPT_PLANS:
        connection.connection.prepared_max = settings.KEPT_PLANS
