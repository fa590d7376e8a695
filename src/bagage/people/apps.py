"""Persons."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "bagage.people"

    def ready(self) -> None:
        """Answers what happens below."""
        from bagage.people import reactions

        reactions.connect()
