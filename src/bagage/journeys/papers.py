"""What is printed for her when she leaves."""

from __future__ import annotations

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from bagage.common.pdf import icon_file, render_pdf, sign_file
from bagage.journeys.models import JourneyExit
from bagage.journeys.queries.summary import Summary


def exit_paper(left: JourneyExit, summary: Summary) -> bytes:
    """The exit as an A5 slip: her bag, what she has, what she can do, where to go; one sentence a line."""
    return render_pdf(
        "journeys/exit.typ",
        {
            "lang": (get_language() or "fr")[:2],
            "title": _("Votre bagage"),
            "place": left.node.name,
            "intro": summary.intro,
            "bag": summary.bag,
            "parts": [
                {"icon": icon, "title": title, "lines": lines}
                for icon, title, lines in (
                    ("phone.svg", _("Votre appareil"), summary.device),
                    ("line.svg", _("Votre ligne"), summary.line),
                    ("can.svg", _("Ce que vous savez faire"), summary.skills),
                    ("ask.svg", _("Ce qui manque encore"), summary.missing),
                )
                if lines
            ],
            "places_title": _("Où aller pour continuer"),
            "places": [{"name": place.name, "lines": list(place.lines)} for place in summary.places],
            "back_title": _("Si vous avez besoin de nous"),
            "back": summary.back,
            "end": summary.end,
        },
        files={
            "sac.svg": sign_file("full", "full", "full", size="s"),
            "bag.svg": sign_file(left.device, left.connection, left.skills),
            "phone.svg": icon_file("smartphone"),
            "line.svg": icon_file("wifi"),
            "can.svg": icon_file("pointer"),
            "ask.svg": icon_file("circle-help"),
            "places.svg": icon_file("map-pin"),
            "back.svg": icon_file("door-open"),
        },
    )
