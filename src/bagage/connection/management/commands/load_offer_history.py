"""``bagage load_offer_history``."""

from typing import Any

from django.core.management.base import BaseCommand

from bagage.connection.services.catalogue_history import load_offer_history
from bagage.trail.domain.actor import Actor


class Command(BaseCommand):
    help = "Add the offers of other times that come with Bagage: shown as history, never advised."

    def handle(self, *args: Any, **options: Any) -> None:
        added = load_offer_history(by=Actor.system("load_offer_history"))
        self.stdout.write(f"{added} offers of other times were added.")
