"""Who did and read what: for those who answer for it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from bagage.common.middleware import is_htmx
from bagage.common.tables import Column, Filter, Rows, Table
from bagage.trail.models import NETWORK, Entry
from bagage.trail.permissions import can_read_trail, trail_places
from bagage.trail.queries import Verification, actor_names, all_actor_names, entries_at, verification
from bagage.trail.services import record, record_reading
from bagage.trail.words import all_words, words_of

# A verification from the screen reads the newest months up to so many entries; the command reads all.
MOST_ENTRIES = 200_000

PERIODS = {
    "1": gettext_lazy("depuis hier"),
    "7": gettext_lazy("depuis 7 jours"),
    "31": gettext_lazy("depuis 31 jours"),
    "365": gettext_lazy("depuis un an"),
}
KINDS = {"act": gettext_lazy("Ce qui a été fait"), "reading": gettext_lazy("Ce qui a été lu")}


@require_safe
def log(request: HttpRequest) -> HttpResponseBase:
    """The entries of the places she answers for; reading them, and taking them away, is noted too."""
    user: Any = request.user
    if not can_read_trail(user):
        raise PermissionDenied
    person = asked_person(request)
    table = log_table(request, person)
    if table.export:
        with transaction.atomic():
            record(user.actor, "trail.export", person=person)
        return table.response()
    record_reading(user.actor, "trail.read", person=person)
    return render(request, "trail/log.html", page(table, person))


@require_POST
def verify(request: HttpRequest) -> HttpResponseBase:
    """Compute the chains of her places again, and say whether they hold."""
    user: Any = request.user
    if not can_read_trail(user):
        raise PermissionDenied
    places = trail_places(user)
    # The seals are noted in the network's chain: who reads all of it has all of it verified.
    found = verification(None if NETWORK in places else places, most_entries=MOST_ENTRIES)
    with transaction.atomic():
        record(user.actor, "trail.verify", reason="whole" if found.is_whole else "broken")
    context = {"verification": shown_verification(found, places)}
    if is_htmx(request):
        return render(request, "trail/log.html#verification", context)
    return render(request, "trail/log.html", page(log_table(request, ""), "") | context)


def asked_person(request: HttpRequest) -> str:
    """The uuid of the person whose entries are asked for, or ``""``; 404 for what is none."""
    asked = request.GET.get("person", "")
    try:
        return str(UUID(asked)) if asked else ""
    except ValueError as error:
        raise Http404 from error


def page(table: Table, person: str) -> dict[str, Any]:
    return {"table": table, "person": person[:8], "all_url": reverse("trail:log"), "verification": None}


def log_table(request: HttpRequest, person: str) -> Table:
    """The list, searched by who, by what or by a person's number."""
    user: Any = request.user
    places = trail_places(user)
    rows = entries_at(places)
    if person:
        rows = rows.filter(person=person)
    names: dict[str, str] = {}
    table = Table(
        request,
        rows,
        name="trail",
        title=_("Journal"),
        columns=columns(places, names),
        filters=[
            Filter("kind", _("Sorte"), _("Fait et lu"), list(KINDS.items()), by_kind),
            Filter("verb", _("Acte"), _("Tous les actes"), verb_options, by_verb),
            Filter("period", _("Période"), _("Tout le temps gardé"), list(PERIODS.items()), by_period),
            Filter("place", _("Lieu"), _("Tous les lieux"), place_options(places), by_place),
        ],
        search=by_text,
        search_hint=_("Qui, quoi, ou numéro d’une personne"),
        nouns=lambda count: ngettext("%(count)s ligne", "%(count)s lignes", count),
        empty_icon="history",
        empty_title=_("Rien n’est noté ici."),
        empty_text=_("Chaque acte et chaque lecture d’un dossier s’écrit ici de lui-même."),
    )
    names.update(all_actor_names() if table.export else actor_names(entry.actor for entry in table.found))
    return table


def columns(places: Mapping[str, str], names: Mapping[str, str]) -> list[Column]:
    def person_cell(entry: Entry) -> object:
        if not entry.person:
            return format_html('<span class="soft">{}</span>', _("aucune"))
        return format_html(
            '<a href="{}?person={}" class="num">{}</a>', reverse("trail:log"), entry.person, entry.person[:8]
        )

    return [
        Column("at", _("Quand"), lambda entry: entry.at, sort=("at",)),
        Column("actor", _("Qui"), lambda entry: actor_label(entry.actor, names)),
        Column(
            "verb",
            _("A fait"),
            lambda entry: words_of(entry.verb),
            sub=lambda entry: " · ".join(part for part in (shown_fields(entry), shown_reason(entry)) if part),
        ),
        Column("place", _("Lieu"), lambda entry: place_label(entry.segment.place, places)),
        Column("person", _("Personne"), lambda entry: entry.person, html=person_cell),
        Column("verb_name", _("Acte"), lambda entry: entry.verb, only="export"),
        Column("actor_id", _("Référence"), lambda entry: entry.actor, only="export"),
        Column("thing", _("Objet"), lambda entry: entry.thing, only="export"),
        Column("fields", _("Champs"), lambda entry: entry.fields, only="export"),
        Column("reason", _("Motif"), lambda entry: entry.reason, only="export"),
        Column("month", _("Mois"), lambda entry: entry.segment.month, only="export"),
        Column("seq", _("Rang"), lambda entry: entry.seq, only="export"),
        Column("hash", _("Empreinte"), lambda entry: entry.hash, only="export"),
    ]


def shown_fields(entry: Entry) -> str:
    """The names of what changed, as the database has them."""
    return _("champs : %(names)s") % {"names": entry.fields.replace(",", ", ")} if entry.fields else ""


def shown_reason(entry: Entry) -> str:
    """The reason she gave; a hash is for the export."""
    return "" if entry.verb in {"trail.seal", "trail.drop"} else entry.reason


def actor_label(actor: str, names: Mapping[str, str]) -> str:
    """Who it was, as it is known today."""
    kind, _sep, _identity = actor.partition(":")
    labels = {
        "system": _("Bagage, de lui-même"),
        "link": _("Quelqu’un avec un lien"),
        "person": _("La personne elle-même"),
    }
    return names.get(actor) or labels.get(kind) or _("un compte qui n’existe plus")


def place_label(place: str, places: Mapping[str, str]) -> str:
    return _("Réseau") if place == NETWORK else places[place]


def place_options(places: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(place, place_label(place, places)) for place in places]


def verb_options() -> list[tuple[str, str]]:
    return sorted(((verb, str(words)) for verb, words in all_words().items()), key=lambda pair: pair[1])


def by_kind(rows: Rows, kind: str) -> Rows:
    return rows.filter(is_reading=kind == "reading")


def by_verb(rows: Rows, verb: str) -> Rows:
    return rows.filter(verb=verb)


def by_place(rows: Rows, place: str) -> Rows:
    return rows.filter(segment__place=place)


def by_period(rows: Rows, days: str) -> Rows:
    return rows.filter(at__gte=timezone.now() - timedelta(days=int(days)))


def by_text(rows: Rows, text: str) -> Rows:
    """By the words of an act, a name of staff, the number of a person or of a thing."""
    users: Any = get_user_model()
    whole = Q()
    for word in text.split():
        whole &= Q(first_name__icontains=word) | Q(last_name__icontains=word) | Q(username__icontains=word)
    actors = [f"user:{uuid}" for uuid in users.objects.filter(whole).values_list("uuid", flat=True)[:200]]
    verbs = [verb for verb, words in all_words().items() if text.casefold() in str(words).casefold()]
    found = Q(actor__in=actors) | Q(verb__in=verbs) | Q(verb__startswith=text)
    found |= Q(person__startswith=text.lower()) | Q(thing__icontains=text) | Q(reason__icontains=text)
    return rows.filter(found)


def shown_verification(found: Verification, places: Mapping[str, str]) -> dict[str, Any]:
    """The result in words."""
    why = {
        "hash": _("la ligne a été changée"),
        "gap": _("une ligne manque ici"),
        "previous": _("la ligne ne suit pas la précédente"),
        "head": _("la fin du mois manque"),
        "dropped": _("des lignes restent dans un mois effacé"),
        "sealed": _("le mois n’est plus celui qui a été scellé"),
        "missing": _("un mois scellé a disparu"),
        "guard": _("la base ne refuse plus les changements"),
    }
    breaks = []
    for each in found.breaks[:20]:
        if each.why == "guard":
            where = each.place
        else:
            name = _("Réseau") if each.place == NETWORK else places.get(each.place, each.place[:8])
            where = _("%(place)s, %(month)s, ligne %(seq)s") % {
                "place": name,
                "month": each.month,
                "seq": each.seq,
            }
        breaks.append({"where": where, "why": why[each.why]})
    return {
        "is_whole": found.is_whole,
        "breaks": breaks,
        "count": len(found.breaks),
        "entries": found.entries,
        "dropped": found.dropped,
        "not_read": found.not_read,
        "at": timezone.now(),
    }
