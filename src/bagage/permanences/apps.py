"""Permanences."""

from django.apps import AppConfig


class PermanencesConfig(AppConfig):
    name = "bagage.permanences"
