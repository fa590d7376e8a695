"""``bagage backup_key``: the key that opens the back-ups, to note elsewhere; for whom they are sealed."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bagage.common import sealing


class Command(BaseCommand):
    help = (
        "Show once the key that opens the back-ups, and remove it from the home: note it on paper, elsewhere."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        ways = parser.add_mutually_exclusive_group()
        ways.add_argument("--keep", action="store_true", help="leave the key in the home")
        ways.add_argument(
            "--new",
            action="store_true",
            help="make another pair for the back-ups to come; those made already open with the old key alone",
        )
        ways.add_argument(
            "--recipient",
            metavar="age1…",
            action="append",
            help="seal the back-ups to come for this public key, whose key is kept elsewhere; may be repeated",
        )

    def handle(self, *args: Any, keep: bool, new: bool, recipient: list[str] | None, **options: Any) -> None:
        if recipient:
            sealing.seal_for(recipient)
            self.stdout.write("Back-ups are now sealed for " + ", ".join(sealing.recipients()) + ".")
            return
        if new:
            sealing.new_key()
        else:
            sealing.first_key()
        key = sealing.key_that_waits()
        if not key:
            raise CommandError(
                "The key is no longer here: it was shown before, and noted elsewhere. Back-ups are sealed for "
                f"{', '.join(sealing.recipients())}. If it is lost, --new makes another for the back-ups to come.",
                returncode=1,
            )
        self.stdout.write(key)
        self.stderr.write(
            "Note this key on paper, away from this machine: without it no back-up can be opened."
        )
        if keep:
            self.stderr.write(
                "It stays in the home too, as asked: who copies the home can open its back-ups."
            )
        elif sealing.forget_key():
            self.stderr.write("It is no longer in the home, and is not shown again.")
