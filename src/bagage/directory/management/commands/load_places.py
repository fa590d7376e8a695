"""``bagage load_places``."""

import json as as_json
from dataclasses import fields
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bagage.directory.services import NEAR_KM, Loaded, load_shipped_places
from bagage.trail.domain.actor import Actor


class Command(BaseCommand):
    help = (
        "Write the public places that come with Bagage into the panorama; run again, it changes what changed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--near",
            action="append",
            default=[],
            metavar="LAT,LON",
            help="only around this point, in degrees; may be said several times (default: the whole country)",
        )
        parser.add_argument(
            "--radius",
            type=float,
            default=NEAR_KM,
            metavar="KM",
            help=f"how far around (default: {NEAR_KM:g})",
        )
        parser.add_argument("--json", action="store_true", help="print the figures as JSON")

    def handle(self, *args: Any, near: list[str], radius: float, json: bool, **options: Any) -> None:
        if not 0 < radius <= 1000:
            raise CommandError(f"--radius: from above 0 to 1000 km, not {radius:g}", returncode=2)
        points = [point(text) for text in near] or None
        done = load_shipped_places(by=Actor.system("load_places"), near=points, radius_km=radius)
        self.stdout.write(as_json.dumps(figures(done), sort_keys=True) if json else told(done))


def point(text: str) -> tuple[float, float]:
    """``"48.88,2.37"`` in degrees. Raises :class:`CommandError`."""
    try:
        latitude, longitude = (float(part) for part in text.split(","))
    except ValueError:
        latitude = longitude = 999.0
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        raise CommandError(f"--near: a point is written 48.88,2.37, not {text!r}", returncode=2)
    return latitude, longitude


def figures(done: Loaded) -> dict[str, Any]:
    """What was done, by name."""
    return {each.name: getattr(done, each.name) for each in fields(done)}


def told(done: Loaded) -> str:
    """What was done, in one line."""
    aside = sum(done.set_aside.values())
    parts = [
        f"{done.read} read",
        f"{done.created} created",
        f"{done.updated} updated",
        f"{done.unchanged} unchanged",
        f"{done.ended} ended",
        f"{aside} set aside" + (f" ({reasons(done.set_aside)})" if aside else ""),
    ]
    if done.elsewhere:
        parts.append(f"{done.elsewhere} too far")
    line = ", ".join(parts)
    if done.defects or done.namesakes:
        named = [f"{done.namesakes} namesakes"] if done.namesakes else []
        line += "; kept with a defect: " + ", ".join([*named, *reasons(done.defects).split(", ")])
    return f"{line}."


def reasons(counts: dict[str, int]) -> str:
    """``"249 no point, 56 unreadable hours"``."""
    ordered = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    return ", ".join(f"{count} {reason.replace('_', ' ')}" for reason, count in ordered)
