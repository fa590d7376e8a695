"""Files of offers in and out, and two days of the catalogue side by side."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bagage.common.errors import BusinessError
from bagage.common.exports import csv_response, xlsx_response
from bagage.common.words import day_short
from bagage.connection.catalogue_words import (
    column_words,
    programme_fault_words,
    sheet_table,
)
from bagage.connection.domain.catalogue import compare
from bagage.connection.domain.programme import programme_as_json
from bagage.connection.domain.sheet import COLUMNS, write_rows
from bagage.connection.forms.catalogue import CompareForm, ImportForm
from bagage.connection.models import CatalogueImport, Offer
from bagage.connection.offer_words import Step, line_title, step_of, step_of_change, step_of_line
from bagage.connection.queries import catalogue as queries
from bagage.connection.services import catalogue_imports as imports
from bagage.connection.services.catalogue_history import load_offer_history
from bagage.connection.views.catalogue import form_page, keeper, reader, say

MONTH = timedelta(days=30)
MOST_SHOWN = 100


# ---------- files in ----------


@require_http_methods(["GET", "HEAD", "POST"])
def catalogue_import(request: HttpRequest) -> HttpResponse:
    """Hand in a file: it is read and shown, nothing is written."""
    user = keeper(request)
    form = ImportForm(
        request.POST or None, request.FILES or None, initial={"begins_on": timezone.localdate()}
    )
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            batch = imports.read_import(
                file.name or "", file.read(), begins_on=form.cleaned_data["begins_on"], by=user
            )
        except BusinessError as error:
            say(form, error)
        else:
            return redirect("connection:catalogue_import_preview", uuid=batch.uuid)
    context = {"form": form, "batches": queries.recent_imports()}
    return form_page(request, "connection/catalogue_import.html", context)


def _batch(uuid: UUID) -> CatalogueImport:
    return get_object_or_404(CatalogueImport, uuid=uuid)


@dataclass(frozen=True, slots=True)
class Steps:
    """Changes of one kind: the first ones, and how many there are."""

    shown: list[Step]
    count: int

    @property
    def rest(self) -> int:
        """How many are not shown."""
        return self.count - len(self.shown)


def steps(found: Sequence[Any], say_it: Callable[[Any], Step]) -> Steps:
    """A page shows the first hundred of each kind."""
    return Steps([say_it(each) for each in found[:MOST_SHOWN]], len(found))


def _faults(batch: CatalogueImport) -> list[dict[str, Any]]:
    """What is wrong, in words; each cell is asked again once, whatever is wrong with it."""
    asked: set[tuple[int, str]] = set()
    shown = []
    for fault in batch.problems:
        cell = (fault["row"], fault["column"])
        mendable = bool(fault["row"]) and fault["column"] in COLUMNS and cell not in asked
        asked.add(cell)
        shown.append(
            {
                **fault,
                "column_words": column_words(fault["column"]),
                "says": programme_fault_words(fault),
                "is_mendable": mendable,
            }
        )
    return shown


@require_safe
def catalogue_import_preview(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What a file would change, what is set aside and why; once confirmed, what it changed and how to take it back."""
    keeper(request)
    batch = _batch(uuid)
    preview = batch.state == CatalogueImport.State.PREVIEW
    context: dict[str, Any] = {
        "batch": batch,
        "is_preview": preview,
        "faults": _faults(batch),
        "aside": len(batch.programme.get("aside", [])),
        "may_mend": preview and bool(batch.programme.get("columns")),
        "ignored": batch.programme.get("ignored", []),
        "encoding": batch.programme.get("encoding", ""),
        "uses": imports.uses_of_import(batch) if batch.state == CatalogueImport.State.DONE else [],
        "today": timezone.localdate(),
    }
    if preview:
        plan = queries.import_plan(batch)
        rules = plan.rules
        context |= {
            "plan": plan,
            "writes": len(rules.added) + len(rules.replaced) + len(rules.verified) + len(plan.ended),
            "new_lines": [line_title(line) for line in rules.new_lines],
            "added": steps(rules.added, lambda pair: step_of(*pair, "plus")),
            "replaced": steps(rules.replaced, step_of_change),
            "changed_lines": steps(rules.changed_lines, step_of_line),
            "verified": steps(rules.verified, lambda pair: step_of(*pair, "check")),
            "ended": steps(plan.ended, _end),
            "left": steps(rules.aside, lambda pair: step_of(*pair, "ban")),
            "same": rules.same,
        }
    return render(request, "connection/catalogue_import_preview.html", context)


def _end(pair: tuple[Offer, date]) -> Step:
    row, ends_on = pair
    return Step(
        row.name, row.line.title, "circle-x", [_("le %(day)s") % {"day": day_short(ends_on, year=True)}]
    )


@require_POST
def catalogue_import_mend(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What was set aside, with other values: read again."""
    user = keeper(request)
    values: dict[tuple[int, str], str] = {}
    for name, value in request.POST.items():
        row, _dash, column = name.removeprefix("r").partition("-")
        if row.isascii() and row.isdigit() and len(row) < 7 and column in COLUMNS:
            values[int(row), column] = str(value).replace("\x00", "")[:2000]
    batch = imports.mend_import(_batch(uuid), values, by=user)
    if not batch.problems:
        messages.success(request, _("Tout est bon : plus rien n’est mis de côté."))
    return redirect("connection:catalogue_import_preview", uuid=batch.uuid)


@require_POST
def catalogue_import_confirm(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Write what the preview shows."""
    user = keeper(request)
    batch = imports.confirm_import(_batch(uuid), by=user)
    messages.success(request, _("C’est écrit. L’import se défait en un geste, tant que rien n’en a servi."))
    return redirect("connection:catalogue_import_preview", uuid=batch.uuid)


@require_POST
def catalogue_import_undo(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take back the whole of an import."""
    user = keeper(request)
    batch = imports.undo_import(_batch(uuid), by=user)
    messages.success(request, _("L’import est défait : le catalogue est comme avant lui."))
    return redirect("connection:catalogue_import_preview", uuid=batch.uuid)


@require_safe
def catalogue_import_rest(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """The rows that were set aside, as they were written, with what is wrong: to mend and hand in again."""
    keeper(request)
    batch = _batch(uuid)
    aside: list[dict[str, str]] = batch.programme.get("aside", [])
    if not aside:
        raise Http404
    reasons: dict[str, list[str]] = {}
    for fault in batch.problems:
        said = f"{column_words(fault['column'])} : {programme_fault_words(fault)}"
        reasons.setdefault(str(fault["row"] or fault["offer"]), []).append(said)
    columns = [name for name in COLUMNS if any(row.get(name) for row in aside)]
    columns = columns or sorted({name for row in aside for name in row} - {"row"})
    rows: list[list[Any]] = [[_("À corriger"), *(column_words(name) for name in columns)]]
    for row in aside:
        why = " ".join(reasons.get(row.get("row", row.get("id", "")), []))
        rows.append([why, *(row.get(name, "") for name in columns)])
    return csv_response("bagage-offres-a-corriger", rows)


@require_POST
def catalogue_example(request: HttpRequest) -> HttpResponse:
    """Load the invented example into a catalogue where nothing was ever sold."""
    user = keeper(request)
    if Offer.objects.filter(is_history=False).exists():
        raise BusinessError(_("Le catalogue a déjà des offres : l’exemple ne s’y mélange pas."))
    batch = imports.load_example(by=user)
    messages.success(
        request, _("L’exemple est chargé. Tout y est inventé : défaites-le avant de conseiller quelqu’un.")
    )
    return redirect("connection:catalogue_import_preview", uuid=batch.uuid)


@require_POST
def catalogue_history(request: HttpRequest) -> HttpResponse:
    """Add the 62 offers of other times that come with Bagage."""
    user = keeper(request)
    added = load_offer_history(by=user)
    said = ngettext("%(count)s offre d’autrefois est là.", "%(count)s offres d’autrefois sont là.", added)
    messages.success(request, said % {"count": added} if added else _("L’histoire était déjà là."))
    return redirect(reverse("connection:catalogue") + "?state=history")


# ---------- files out ----------


@require_safe
def catalogue_export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """What is sold on a day (today unless told): a programme file, or a table that can be handed in again."""
    reader(request)
    if kind not in {"json", "csv", "xlsx"}:
        raise Http404
    day = _day(request.GET.get("day", "")) or timezone.localdate()
    programme = queries.catalogue_on(day)
    name = f"bagage-catalogue-{day.isoformat()}"
    if kind == "json":
        text = json.dumps(programme_as_json(programme), ensure_ascii=False, indent=1)
        response = HttpResponse(text + "\n", content_type="application/json; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{name}.json"'
        return response
    rows = sheet_table(write_rows(programme, queries.extras_on(day)))
    if kind == "xlsx":
        return xlsx_response(
            name, rows, title=_("Catalogue"), fixed_at=timezone.now(),
            filters=[_("en vente le %(day)s") % {"day": day_short(day, year=True)}],
        )  # fmt: skip
    return csv_response(name, rows)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


# ---------- two days ----------


@require_safe
def catalogue_compare(request: HttpRequest) -> HttpResponse:
    """What began, ended, became dearer or cheaper between two days."""
    reader(request)
    today = timezone.localdate()
    asked = {name: request.GET.get(name) or default for name, default in _usual_days(today).items()}
    form = CompareForm(asked)
    context: dict[str, Any] = {"form": form, "comparison": None}
    if form.is_valid():
        first, last = sorted((form.cleaned_data["before"], form.cleaned_data["after"]))
        found = compare(queries.catalogue_on(first), queries.catalogue_on(last))
        context |= {
            "comparison": found,
            "first": first,
            "last": last,
            "groups": [
                (_("Plus chères"), "arrow-up", steps(found.dearer, step_of_change)),
                (_("Moins chères"), "arrow-down", steps(found.cheaper, step_of_change)),
                (_("Nouvelles"), "plus", steps(found.began, lambda pair: step_of(*pair, "plus"))),
                (_("Retirées"), "circle-x", steps(found.ended, lambda pair: step_of(*pair, "circle-x"))),
                (_("Changées, au même prix"), "pencil", steps(found.otherwise, step_of_change)),
                (_("Gammes changées"), "card-sim", steps(found.lines, step_of_line)),
            ],
            "same": found.same,
        }
    return render(request, "connection/catalogue_compare.html", context)


def _usual_days(today: date) -> dict[str, str]:
    return {"before": (today - 2 * MONTH).isoformat(), "after": today.isoformat()}
