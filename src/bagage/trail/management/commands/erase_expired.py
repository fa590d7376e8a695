"""``bagage erase_expired``: the files whose time is over are erased, or only shown."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from bagage.trail.domain.actor import Actor
from bagage.trail.domain.retention import months_earlier
from bagage.trail.queries import expired_files, held_back, held_rows, privacy_rules, written_too_long
from bagage.trail.services import erase_expired, tell_file


class Command(BaseCommand):
    help = "Erase for good the files whose last contact is older than the rule of the house (24 months at first)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would go, table by table; erase nothing"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        now, months = timezone.now(), privacy_rules().months
        if dry_run:
            waiting = expired_files(now, months=months)
            flat = [pk for files in waiting for pk in files]
            stopped = {pk for each in held_back(flat, now) for pk in each.files}
            due = [files for files in waiting if stopped.isdisjoint(files)]
            rows = held_rows([pk for files in due for pk in files])
            answer = {
                "persons": len(due),
                "rows": {each.declaration.model: each.rows for each in rows},
                "held_back": len(waiting) - len(due),
                "written": {
                    each.declaration.model: each.rows for each in written_too_long(now, privacy_rules())
                },
            }
        else:
            tell_file()
            done = erase_expired(by=Actor.system("erase_expired"), at=now)
            answer = {
                "persons": done.persons,
                "rows": dict(sorted(done.rows.items())),
                "held_back": done.held_back,
                "strays": done.strays,
                "written": done.written,
            }
        answer |= {"dry_run": dry_run, "months": months, "before": months_earlier(now, months).isoformat()}
        if options["json"]:
            self.stdout.write(json.dumps(answer))
            return
        for model, count in answer["rows"].items():
            self.stdout.write(f"{model}: {count}")
        for model, count in answer.get("strays", {}).items():
            self.stdout.write(f"{model}: {count} that belong to nobody known")
        for model, count in answer["written"].items():
            self.stdout.write(f"{model}: {count} texts that are kept less long than a file")
        said = "would be erased" if dry_run else "erased"
        self.stdout.write(
            f"{answer['persons']} persons {said}, without contact for {months} months; {answer['held_back']} held back."
        )
