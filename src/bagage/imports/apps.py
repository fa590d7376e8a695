"""Imports."""

from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "bagage.imports"
