"""Permanences."""

from django.apps import AppConfig


class PermanencesConfig(AppConfig):
    name = "bagage.permanences"

    def ready(self) -> None:
        """Let someone see who is booked, queued or in a session with her; hear of accounts that close."""
        from bagage.people.models import EXTRA_VISIBILITY
        from bagage.permanences import reactions  # noqa: F401 - connects the receivers
        from bagage.permanences.queries import booked_or_queued_with, in_a_session_led_by

        for condition in (booked_or_queued_with, in_a_session_led_by):
            if condition not in EXTRA_VISIBILITY:
                EXTRA_VISIBILITY.append(condition)
