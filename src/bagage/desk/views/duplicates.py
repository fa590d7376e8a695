"""Files that may be one person's, pair by pair: compare, say that they are one, or that they are two."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods

from bagage.accounts.domain.roles import Ability
from bagage.common.ratelimit import limit
from bagage.desk.queries import age_on
from bagage.desk.views.look_up import who_looks_up
from bagage.people import services
from bagage.people.domain.likeness import FACTS, Band
from bagage.people.models import AlikePair, AlikeSearch, Person
from bagage.people.queries import alike_pairs, why_alike
from bagage.people.words import Why, whys
from bagage.permanences.queries import sites_for

# The first of the list; whoever answers them sees the next.
SHOWN = 20
# So many files are gone through while someone waits: a few seconds. The rest is done by night.
AT_ONCE = 240


@dataclass(frozen=True, slots=True)
class Pair:
    """Two files as the list shows them."""

    row: AlikePair
    one_line: str
    other_line: str
    is_sure: bool
    why: tuple[Why, ...]


@require_http_methods(["GET", "HEAD", "POST"])
def duplicates(request: HttpRequest) -> HttpResponse:
    """The pairs of one's permanences, the likeliest first; posting goes on through the files."""
    user = who_looks_up(request)
    if request.method == "POST":
        limit(request, "search_alike", "20/h/user")
        gone = services.search_alike(limit=AT_ONCE)
        said = ngettext("%(count)s dossier comparé.", "%(count)s dossiers comparés.", gone.files) % {
            "count": gone.files
        }
        rest = (
            gettext("Tous les dossiers ont été comparés.")
            if gone.is_whole
            else gettext("La suite se fait seule, la nuit ; ou continuez.")
        )
        messages.success(request, f"{said} {rest}")
        return redirect("desk:duplicates")
    sites = sites_for(user, Ability.LOOK_UP)
    chosen = next((site for site in sites if str(site.organisation.uuid) == request.GET.get("site")), None)
    scope = [chosen.organisation_id] if chosen is not None else user.node_ids(Ability.LOOK_UP)
    pairs = alike_pairs(scope)
    shown = list(pairs[:SHOWN])
    return render(
        request,
        "desk/duplicates.html",
        {
            "pairs": _as_shown(shown),
            "more": pairs.count() - len(shown) if len(shown) == SHOWN else 0,
            "sites": sites if len(sites) > 1 else [],
            "chosen": chosen,
            "search": AlikeSearch.objects.filter(pk=1).first(),
        },
    )


def _as_shown(pairs: list[AlikePair]) -> list[Pair]:
    likely = why_alike(pairs)
    return [
        Pair(
            row=pair,
            one_line=_line(pair.one),
            other_line=_line(pair.other),
            # Two of one name are two as often as one: a day of birth or a telephone has to agree as well.
            is_sure=likely[pair.pk].band == Band.VERY_LIKELY and len(likely[pair.pk].facts & FACTS) >= 2,
            why=whys(likely[pair.pk].reasons, pair.other.grammar),
        )
        for pair in pairs
    ]


def _line(person: Person) -> str:
    """Like "41 ans, bambara, Paris 19e"."""
    facts = [
        age_on(person, timezone.localdate()) or gettext("âge : on ne sait pas"),
        person.languages,
        person.where,
    ]
    return ", ".join(part for part in facts if part)
