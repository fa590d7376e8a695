"""``bagage verify_trail``: whether anything was changed, removed or slipped into the trail."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from bagage.trail.models import Segment
from bagage.trail.queries import verification

WHY = {
    "hash": "the entry was changed",
    "gap": "an entry is missing here",
    "previous": "the entry does not follow the one before it",
    "head": "the segment does not end where it says",
    "dropped": "entries remain in a segment said to be dropped",
    "sealed": "the last hash is not the one noted when it was sealed",
    "missing": "a sealed segment is gone",
    "guard": "the trigger is missing: the database no longer refuses changes",
}


class Command(BaseCommand):
    help = "Compute the chain of the trail again and say where it breaks (exit code 1)."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--json", action="store_true", help="one JSON object, with the last hash of each segment"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        # Taken before the reading, so that it says no more than what was verified.
        heads = [
            {
                "place": segment.place,
                "month": segment.month,
                "seq": segment.last_seq,
                "hash": segment.last_hash,
                "state": "dropped" if segment.dropped_at else "sealed" if segment.sealed_at else "open",
            }
            for segment in Segment.objects.order_by("month", "place")
        ]
        found = verification()
        if options["json"]:
            answer = {
                "whole": found.is_whole,
                "segments": found.segments,
                "entries": found.entries,
                "dropped": found.dropped,
                "breaks": [asdict(each) for each in found.breaks],
                "heads": heads,
            }
            self.stdout.write(json.dumps(answer))
        else:
            for each in found.breaks:
                where = each.place if each.why == "guard" else f"{each.place} {each.month} #{each.seq}"
                self.stdout.write(f"{where}: {WHY[each.why]}")
            self.stdout.write(
                f"{found.entries} entries in {found.segments} segments read, {found.dropped} segments dropped: "
                + ("the chain holds." if found.is_whole else f"{len(found.breaks)} breaks.")
            )
        if not found.is_whole:
            raise SystemExit(1)
