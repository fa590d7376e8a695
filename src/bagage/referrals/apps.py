"""Referrals."""

from django.apps import AppConfig


class ReferralsConfig(AppConfig):
    name = "bagage.referrals"

    def ready(self) -> None:
        """Hear what happens below; tell the paper of an exit where she was sent, the panorama who answers when."""
        from bagage.directory.queries import ANSWERING
        from bagage.journeys.queries.summary import PLACES
        from bagage.referrals import reactions  # noqa: F401 - connects the receivers
        from bagage.referrals.queries import answering_words, places_for_summary

        if places_for_summary not in PLACES:
            PLACES.append(places_for_summary)
        if answering_words not in ANSWERING:
            ANSWERING.append(answering_words)
