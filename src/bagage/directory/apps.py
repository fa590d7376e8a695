"""The panorama of actors."""

from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    name = "bagage.directory"
