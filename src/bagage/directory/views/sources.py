"""The sources of the panorama: which answer, what waits, which rows may be one place."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bagage.common.errors import BusinessError, Conflict
from bagage.directory import services, words
from bagage.directory.domain.places import SetAside
from bagage.directory.forms import FeedForm
from bagage.directory.models import Feed, FeedRow, FeedRun, LikelySame, Proposal, Structure
from bagage.directory.services.due import read_address
from bagage.directory.views.allowed import keeper_of

SHOWN = 50


@require_safe
def sources(request: HttpRequest) -> HttpResponse:
    """Each source with what it gave last, since when it does not answer, and what waits of it. Four queries."""
    keeper_of(request)
    feeds = Feed.objects.annotate(
        places=Count("structures", filter=Q(structures__ended_at=None), distinct=True),
        aside=Count("rows", filter=Q(rows__state=FeedRow.State.ASIDE), distinct=True),
    ).order_by("-failing_since", "name")
    return render(
        request,
        "directory/sources.html",
        {
            "feeds": feeds,
            "proposals": Proposal.objects.filter(state=Proposal.State.WAITING).count(),
            "likely": LikelySame.objects.filter(state=LikelySame.State.PROPOSED).count(),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def source_new(request: HttpRequest) -> HttpResponse:
    """A source with an address, read by itself from now on."""
    user = keeper_of(request)
    form = FeedForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and Feed.objects.filter(slug=_slug(form)).exists():
        form.add_error("name", _("Une source porte déjà ce nom : changez-la, ou prenez-en un autre."))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        services.make_feed(
            slug=said["name"], name=said["name"], format=said["format"], url=said["url"], licence=said["licence"],
            every_hours=said["every_hours"], by=user,
        )  # fmt: skip
        messages.success(request, _("La source est ajoutée : elle est lue dans le quart d’heure."))
        return redirect("directory:sources")
    return render(request, "directory/source_new.html", {"form": form}, status=422 if form.errors else 200)


def _slug(form: FeedForm) -> str:
    return slugify(form.cleaned_data.get("name", ""))[:60] or "source"


@require_http_methods(["GET", "HEAD", "POST"])
def source_change(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Its address, its hours; or it is read no more."""
    user = keeper_of(request)
    feed = _feed(uuid)
    names = ("name", "url", "format", "licence", "every_hours")
    form = FeedForm(request.POST or None, initial={name: getattr(feed, name) for name in names})
    if request.method == "POST" and "stop" in request.POST:
        services.stop_feed(feed, by=user)
        messages.success(request, _("Elle n’est plus lue. Ce qu’elle a donné reste."))
        return redirect("directory:source", uuid=uuid)
    if request.method == "POST" and form.is_valid():
        services.change_feed(feed, by=user, **{name: form.cleaned_data[name] for name in names})
        messages.success(request, _("La source est changée."))
        return redirect("directory:source", uuid=uuid)
    return render(
        request, "directory/source_new.html", {"form": form, "feed": feed}, status=422 if form.errors else 200
    )


def _feed(uuid: UUID) -> Feed:
    found = Feed.objects.filter(uuid=uuid).first()
    if found is None:
        raise Http404
    return found


@require_POST
def source_read(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Ask its address now."""
    user = keeper_of(request)
    feed = _feed(uuid)
    if not feed.url:
        raise BusinessError(
            _("Cette source n’a pas d’adresse : son fichier se donne par la commande import_places.")
        )
    try:
        report = read_address(feed, by=user)
    except services.BeingRead as refusal:
        messages.warning(request, str(refusal))
        return redirect("directory:source", uuid=uuid)
    feed.refresh_from_db()
    if feed.failing_since is not None:
        messages.warning(request, _("Elle n’a pas pu être lue : ce qui a été lu avant reste."))
    elif report is None:
        messages.success(request, _("Rien de nouveau."))
    else:
        messages.success(
            request,
            ngettext("%(count)s lieu lu.", "%(count)s lieux lus.", report.read) % {"count": report.read},
        )
    return redirect("directory:source", uuid=uuid)


@require_safe
def source(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One source: its last readings, and the rows that wait with what is wrong and the way out."""
    keeper_of(request)
    feed = _feed(uuid)
    rows = FeedRow.objects.filter(feed=feed, state=FeedRow.State.ASIDE).order_by("number")
    runs = list(feed.runs.order_by("-started_at", "-pk")[:10])
    if any(run.state == FeedRun.State.RUNNING for run in runs) and not services.is_being_read(feed):
        # Its process is gone; the job writes it down at its next turn.
        for run in runs:
            if run.state == FeedRun.State.RUNNING:
                run.state = FeedRun.State.CUT_OFF
    return render(
        request,
        "directory/source.html",
        {
            "feed": feed,
            "running": runs[0] if runs and runs[0].state == FeedRun.State.RUNNING else None,
            "cut_off": runs[0] if runs and runs[0].state == FeedRun.State.CUT_OFF else None,
            "failure": words.failure_words(feed.failure),
            "runs": [
                {"run": run, "said": _counts(run.counts), "failure": words.failure_words(run.failure)}
                for run in runs
            ],
            "rows": [_row(feed, row) for row in rows[:SHOWN]],
            "rows_total": rows.count(),
        },
    )


def _counts(counts: dict[str, Any]) -> str:
    labels = {
        "read": _("lus"), "created": _("nouveaux"), "updated": _("changés"), "ended": _("disparus"),
        "kept": _("disparus, gardés"), "set_aside": _("mis de côté"),
    }  # fmt: skip
    return ", ".join(f"{counts[name]} {label}" for name, label in labels.items() if counts.get(name))


# The fields that someone may write instead, in the words of each format.
MAPPED = ("id", "name", "address", "postcode", "city", "latitude", "longitude", "is_shown")
MENDABLE = ("nom", "name", "id", "commune", "code_postal", "adresse", "latitude", "longitude")


def _row(feed: Feed, row: FeedRow) -> dict[str, Any]:
    faults = [
        (str(fault.get("field") or ""), str(fault.get("code") or ""), str(fault.get("value") or ""))
        for fault in row.faults
    ]
    columns = feed.mapping.get("columns", {})
    mapped = [heading for heading, field in columns.items() if field in MAPPED and heading in row.values]
    names = mapped or [name for name in MENDABLE if name in row.values] or list(row.values)[:6]
    # What is wrong comes first. A value that holds others is not written in a line.
    names = list(dict.fromkeys([*_faulty(row), *names]))
    return {
        "row": row,
        "where": [_where(field, value) for field, _code, value in faults if field],
        "why": " ".join(_why(code) for _field, code, _value in faults),
        "how": " ".join(_how(code, field) for field, code, _value in faults),
        "fields": [
            {"name": name, "value": row.values.get(name) or ""}
            for name in names
            if not isinstance(row.values.get(name), list | dict)
        ],
    }


def _faulty(row: FeedRow) -> list[str]:
    """The columns at fault that may be written here; one that its file lacks may be added.

    Names of HSDS ("location.name") point into a record: only its source can mend them.
    """
    named = (str(fault.get("field") or "") for fault in row.faults)
    return [name for name in named if name and (name in row.values or "." not in name)]


def _where(field: str, value: str) -> str:
    """``"colonne « latitude » : « abc »"``."""
    if not value:
        return _("colonne « %(field)s » : vide") % {"field": field}
    return _("colonne « %(field)s » : « %(value)s »") % {"field": field, "value": value}


def _why(code: str) -> str:
    """What is wrong with a row."""
    return {
        "no_name": _("Il manque le nom."),
        "no_id": _("Il manque l’identifiant."),
        "twice": _("Une autre ligne a le même identifiant."),
        "no_structure": _("Sa structure n’est pas dans le fichier."),
        "office": _("C’est l’adresse d’une administration, pas d’un lieu ouvert."),
        "closed": _("Sa source dit que ce lieu n’existe plus."),
        "too_long": _("Son identifiant a plus de 120 caractères."),
    }.get(code, code)


def _how(code: str, field: str) -> str:
    """The way out of it, naming the column where it is known."""
    if code in {"office", "closed"}:
        return _("Il n’y a rien à corriger : laissez-la de côté.")
    if not field:
        return ""
    said = {
        "no_name": _("Écrivez le nom dans la colonne « %(field)s »."),
        "no_id": _("Écrivez un identifiant dans la colonne « %(field)s »."),
        "twice": _("Donnez à chaque ligne le sien, dans la colonne « %(field)s »."),
        "no_structure": _("Ajoutez la structure au fichier, ou corrigez « %(field)s » à la source."),
        "too_long": _("Raccourcissez-le dans la colonne « %(field)s »."),
    }.get(code, "")
    return said % {"field": field} if said else ""


@require_POST
def row_mend(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Write other values in a row that waits, or leave it."""
    user = keeper_of(request)
    row = FeedRow.objects.select_related("feed").filter(uuid=uuid, state=FeedRow.State.ASIDE).first()
    if row is None:
        raise Http404
    if "leave" in request.POST:
        services.leave_row(row, by=user)
        messages.success(request, _("La ligne est laissée."))
    else:
        known = {*row.values, *_faulty(row)}
        values = {
            name.removeprefix("v-"): value.strip()
            for name, value in request.POST.items()
            if name.startswith("v-") and name.removeprefix("v-") in known
        }
        try:
            services.mend_row(row, values, by=user)
        except SetAside as error:
            raise BusinessError(f"{_why(error.reason)} {_how(error.reason, error.field)}".strip()) from error
        messages.success(request, _("La ligne est corrigée : le lieu est dans le panorama."))
    return redirect("directory:source", uuid=row.feed.uuid)


@require_safe
def likely(request: HttpRequest) -> HttpResponse:
    """Pairs of records that may speak of one place, the surest first, side by side. Two queries."""
    keeper_of(request)
    rows = LikelySame.objects.filter(state=LikelySame.State.PROPOSED).select_related("first", "second")
    shown = [
        {
            "pair": row,
            "reasons": [words.LIKELY_REASONS.get(code, code) for code in row.reasons],
            "sides": [
                {
                    "structure": side,
                    "name": words.calm(side.name),
                    "address": words.place_words(side),
                    "source": words.source_words(side.source),
                }
                for side in (row.first, row.second)
            ],
        }
        for row in rows.order_by("-score", "pk")[:SHOWN]
    ]
    return render(request, "directory/likely.html", {"shown": shown, "total": rows.count()})


@require_POST
def likely_decide(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The same place, one record kept; or two places."""
    user = keeper_of(request)
    row = LikelySame.objects.select_related("first", "second").filter(uuid=uuid).first()
    if row is None:
        raise Http404
    if row.state != LikelySame.State.PROPOSED:
        raise Conflict(_("C’est déjà décidé : rechargez la page."))
    keep = request.POST.get("keep", "")
    if keep == str(row.second.uuid):
        services.join(row.second, row.first, by=user)
    elif keep == str(row.first.uuid):
        services.join(row.first, row.second, by=user)
    elif keep == "apart":
        services.part(row.first, row.second, by=user)
        messages.success(request, _("Ce sont deux lieux : on ne le demandera plus."))
        return redirect("directory:likely")
    else:
        raise BusinessError(_("Dites laquelle garder, ou que ce sont deux lieux."))
    messages.success(
        request, _("C’est un seul lieu : l’autre fiche lui est jointe, et peut en être séparée.")
    )
    return redirect("directory:likely")


@require_POST
def part_again(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A record that was joined to another stands by itself again."""
    user = keeper_of(request)
    structure = Structure.objects.select_related("same_as").filter(uuid=uuid).first()
    if structure is None:
        raise Http404
    if structure.same_as is None:
        raise Conflict(_("Cette fiche n’est jointe à aucune autre."))
    services.part(structure.same_as, structure, by=user)
    messages.success(request, _("Ce sont deux lieux : on ne le demandera plus."))
    return redirect("directory:structure", uuid=uuid)
