"""Fair connection."""

from django.apps import AppConfig


class ConnectionConfig(AppConfig):
    name = "bagage.connection"
