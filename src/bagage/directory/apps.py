"""The panorama; no table yet."""

from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    name = "bagage.directory"
