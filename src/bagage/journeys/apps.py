"""Journeys."""

from django.apps import AppConfig


class JourneysConfig(AppConfig):
    name = "bagage.journeys"

    def ready(self) -> None:
        """Hear what happens to lines."""
        from bagage.journeys import reactions  # noqa: F401 - connects the receivers
