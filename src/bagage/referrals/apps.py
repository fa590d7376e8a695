"""Referrals."""

from django.apps import AppConfig


class ReferralsConfig(AppConfig):
    name = "bagage.referrals"

    def ready(self) -> None:
        """Hear what happens to appointments."""
        from bagage.referrals import reactions  # noqa: F401 - connects the receivers
