"""The desk; no table."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "bagage.desk"
