"""Bricks; a Django app only so that its templates, static files and tags are found, and new connections greeted."""

from django.apps import AppConfig
from django.conf import settings
from django.db.backends.signals import connection_created


class CommonConfig(AppConfig):
    name = "bagage.common"

    def ready(self) -> None:
        """Where row-level security is asked for, each new connection says how far it reads."""
        if settings.ROW_SECURITY:
            from bagage.common.row_security import say_everything

            connection_created.connect(say_everything, dispatch_uid="bagage.row_security")
