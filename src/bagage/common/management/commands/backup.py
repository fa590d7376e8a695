"""``bagage backup``."""

from typing import Any

from django.core.management.base import BaseCommand

from bagage.common import installation


class Command(BaseCommand):
    help = (
        "Copy the database, while it is in use, into the backups folder of the home; the last ten are kept."
    )
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{installation.back_up()}")
