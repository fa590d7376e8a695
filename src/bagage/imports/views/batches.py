"""A file comes in: handed over, shown, mended, written, taken back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bagage.accounts.models import User
from bagage.common.errors import BusinessError
from bagage.common.exports import XLSX, csv_response, xlsx_file, xlsx_response
from bagage.common.middleware import is_htmx
from bagage.imports import queries, services
from bagage.imports.domain.lifecycle import AT_WORK, BatchState, RowState
from bagage.imports.forms import FileForm
from bagage.imports.kinds import Kind, kind_named, kinds_for
from bagage.imports.models import Batch
from bagage.imports.permissions import can_import, can_run_batch, nodes_for
from bagage.imports.shown import alike_shown, aside_shown, columns_shown, kept_shown, waiting_shown

# A request works so long; what is left goes on with the next one, or by itself a little later.
SLICE = 4.0
# Up to so many rows are compared while the file is handed over.
AT_ONCE = 2_000
ASIDE_SHOWN = 20
# Up to so many written rows, what undoing would keep is said before.
FORESEEN = 2_000


@dataclass(frozen=True, slots=True)
class Opened:
    """A batch that was opened in scope by who may run it."""

    user: User
    batch: Batch
    kind: Kind


def _user(request: HttpRequest) -> User:
    user = request.user
    if not isinstance(user, User) or not can_import(user):
        raise PermissionDenied
    return user


def _opened(request: HttpRequest, uuid: UUID) -> Opened:
    user = _user(request)
    batch = get_object_or_404(queries.batches_seen_by(user), uuid=uuid)
    if not can_run_batch(user, batch):
        raise PermissionDenied
    return Opened(user, batch, kind_named(batch.kind))


@require_http_methods(["GET", "HEAD", "POST"])
def batches(request: HttpRequest) -> HttpResponse:
    """Hand in a file, see what came in before."""
    user = _user(request)
    kinds = kinds_for(user)
    nodes = {kind.name: nodes_for(user, kind) for kind in kinds}
    first = next((node for kind in kinds for node in nodes[kind.name]), None)
    form = FileForm(
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
        kinds=kinds,
        nodes=nodes,
        initial={"node": str(first.uuid)} if first else {},
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            batch = services.read_file(
                data["file"].read(),
                data["file"].name or "",
                kind=data["kind"],
                node=data["place"],
                sheet=data["sheet"].strip(),
                # Two places may number their persons alike: each has its own identifiers.
                source=f"import:{data['place'].uuid}",
                by=user,
            )
        except BusinessError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            if batch.rows.count() <= AT_ONCE:
                services.check_batch(batch)
            return redirect("imports:batch", batch.uuid)
    return render(
        request,
        "imports/batches.html",
        {
            "form": form,
            "kinds": [(kind, bool(nodes[kind.name])) for kind in kinds],
            "recent": _shown_batches(user),
            "days": services.rows_days(),
        },
        status=422 if form.is_bound and form.errors else 200,
    )


def _shown_batches(user: User, limit: int = 12) -> list[dict[str, Any]]:
    return [
        {
            "batch": batch,
            "counts": counts,
            "icon": "undo-2" if batch.state == BatchState.UNDONE else kind_named(batch.kind).icon,
            "title": kind_named(batch.kind).count(counts.brought or counts.total),
        }
        for batch, counts in queries.recent_batches(user, limit)
    ]


@require_safe
def batch(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One file: its columns and what it would bring; while it is written, how far; then what it brought."""
    opened = _opened(request, uuid)
    found = opened.batch
    counts = queries.counts_of([found])[found.pk]
    context: dict[str, Any] = {
        "batch": found,
        "kind": opened.kind,
        "counts": counts,
        "state": found.state,
        "title": opened.kind.count(counts.total),
        "to_write": opened.kind.count(counts.to_write),
        "recent": _shown_batches(opened.user, 6),
        "days": services.rows_days(),
    }
    if found.state in AT_WORK:
        return render(request, "imports/batch_at_work.html", context | _progress(opened, counts))
    if found.state in (BatchState.PREVIEW, BatchState.WRITTEN) and found.emptied_at is None:
        context |= {
            "columns": columns_shown(found, opened.kind),
            "fields": [(each.name, str(each.label)) for each in opened.kind.fields],
            "alike": alike_shown(found, opened.kind, opened.user, _position(request)),
            "aside": aside_shown(found, opened.kind, ASIDE_SHOWN),
            "aside_rest": max(0, counts.set_aside - ASIDE_SHOWN),
        }
    if found.state == BatchState.PREVIEW:
        return render(request, "imports/batch.html", context)
    if found.state == BatchState.WRITTEN:
        context["undo"] = _foreseen(opened, counts)
    if found.state == BatchState.UNDONE:
        context["kept"] = kept_shown(found, opened.kind, opened.user)
    return render(request, "imports/batch_done.html", context)


def _position(request: HttpRequest) -> int:
    asked = request.GET.get("d", "1")
    return max(1, int(asked)) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1


def _progress(opened: Opened, counts: queries.Counts) -> dict[str, Any]:
    """How far the work is, in figures and in words."""
    state = opened.batch.state
    if state == BatchState.CHECKING:
        done, total = 0, counts.total
    elif state == BatchState.WRITING:
        done, total = counts.written, counts.written + counts.to_write
    else:
        done, total = counts.undone + counts.kept, counts.brought
    return {"done": done, "total_rows": total, "said_total": opened.kind.count(total)}


def _foreseen(opened: Opened, counts: queries.Counts) -> dict[str, Any]:
    """What undoing would take back and what it would leave; not counted for a very large file."""
    if opened.batch.emptied_at is not None:
        return {"is_past": True}
    if counts.written > FORESEEN:
        return {"is_counted": False, "written": opened.kind.count(counts.written)}
    ground = opened.kind.ground(opened.batch, timezone.now())
    kept = opened.kind.foreseen_kept(queries.things_written(opened.batch), ground)
    return {
        "is_counted": True,
        "written": opened.kind.count(counts.written),
        "kept": len(kept),
        "taken": counts.written - len(kept),
    }


# ---------- what is changed in the preview ----------
@require_POST
def batch_columns(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Say what each column becomes."""
    opened = _opened(request, uuid)
    fields = [request.POST.get(f"column-{at}", "") for at in range(len(opened.batch.columns))]
    try:
        held = services.set_columns(opened.batch, fields, by=opened.user)
    except BusinessError as error:
        messages.error(request, str(error))
        return redirect(f"{reverse('imports:batch', args=[uuid])}#h-col")
    if held.state == BatchState.CHECKING and held.rows.count() <= AT_ONCE:
        services.check_batch(held)
    messages.success(
        request, _("Les lignes ont été relues avec ces colonnes. Ce réglage servira au prochain fichier.")
    )
    return redirect("imports:batch", uuid)


@require_POST
def batch_decide(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Whether a row is someone known."""
    opened = _opened(request, uuid)
    number = request.POST.get("row", "")
    if not (number.isascii() and number.isdigit() and len(number) < 8):
        raise Http404
    decision, _colon, same_as = request.POST.get("decision", "later").partition(":")
    if same_as and not same_as.startswith("row:") and not opened.kind.name_of_thing(same_as, opened.user):
        raise Http404
    services.decide_row(opened.batch, int(number), decision, same_as=same_as, by=opened.user)
    position = request.POST.get("next", "1")
    query = f"?d={position}" if position.isascii() and position.isdigit() else ""
    return redirect(f"{reverse('imports:batch', args=[uuid])}{query}#h-dup")


@require_POST
def batch_decide_all(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The same answer for all that wait."""
    opened = _opened(request, uuid)
    decision = "skip" if request.POST.get("decision") == "skip" else "new"
    count = services.decide_all(opened.batch, decision, by=opened.user)
    said = (
        ngettext("%(count)s ligne sera écrite.", "%(count)s lignes seront écrites.", count)
        if decision == "new"
        else ngettext("%(count)s ligne est laissée.", "%(count)s lignes sont laissées.", count)
    )
    messages.success(request, said % {"count": count})
    return redirect("imports:batch", uuid)


@require_POST
def batch_mend(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Other values for what was set aside, or leave a row out."""
    opened = _opened(request, uuid)
    back = f"{reverse('imports:batch', args=[uuid])}#h-side"
    skipped = request.POST.get("skip", "")
    if skipped.isascii() and skipped.isdigit() and len(skipped) < 8:
        services.skip_row(opened.batch, int(skipped), by=opened.user)
        return redirect(back)
    names = {each.name for each in opened.kind.fields}
    # One row by its button, what was typed in others with it; the Enter key mends what was typed alone.
    only = request.POST.get("only", "")
    shown = {
        (row.number, fault.name): fault.filled
        for row in aside_shown(opened.batch, opened.kind, ASIDE_SHOWN)
        for fault in row.faults
    }
    values: dict[int, dict[str, str]] = {}
    for name, typed in request.POST.items():
        row, _dash, field = name.removeprefix("r").partition("-")
        if row.isascii() and row.isdigit() and len(row) < 8 and field in names:
            value = " ".join(str(typed).replace("\x00", "").split())
            if only in {"", row} or value != shown.get((int(row), field), value):
                values.setdefault(int(row), {})[field] = value
    mended, aside = services.mend_rows(opened.batch, values, by=opened.user)
    if mended:
        said = ngettext("%(count)s ligne est bonne.", "%(count)s lignes sont bonnes.", mended)
        messages.success(request, said % {"count": mended})
    if aside:
        said = ngettext("%(count)s ligne reste de côté.", "%(count)s lignes restent de côté.", aside)
        messages.info(request, said % {"count": aside})
    return redirect(back)


@require_POST
def batch_drop(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Give the file up."""
    opened = _opened(request, uuid)
    services.drop_batch(opened.batch, by=opened.user)
    messages.success(request, _("Le fichier est oublié. Rien n’a été écrit."))
    return redirect("imports:batches")


# ---------- work ----------
@require_POST
def batch_write(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Write what is shown."""
    opened = _opened(request, uuid)
    return _work(request, opened, lambda: services.write_batch(opened.batch, by=opened.user, seconds=SLICE))


@require_POST
def batch_undo(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take back what the file brought."""
    opened = _opened(request, uuid)
    return _work(request, opened, lambda: services.undo_batch(opened.batch, by=opened.user, seconds=SLICE))


@require_POST
def batch_go_on(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Work some seconds more on what was started."""
    opened = _opened(request, uuid)
    acts: dict[str, Callable[[], bool]] = {
        BatchState.CHECKING: lambda: services.check_batch(opened.batch),
        BatchState.WRITING: lambda: services.write_batch(opened.batch, by=opened.user, seconds=SLICE),
        BatchState.UNDOING: lambda: services.undo_batch(opened.batch, by=opened.user, seconds=SLICE),
    }
    act = acts.get(opened.batch.state)
    return _work(request, opened, act or (lambda: True))


def _work(request: HttpRequest, opened: Opened, act: Callable[[], bool]) -> HttpResponse:
    """Some seconds of work, then the page; for htmx, the figures alone until it is done."""
    is_done = act()
    if not is_htmx(request):
        return redirect("imports:batch", opened.batch.uuid)
    if is_done:
        response = HttpResponse(status=204)
        response["HX-Redirect"] = reverse("imports:batch", args=[opened.batch.uuid])
        return response
    found = Batch.objects.get(pk=opened.batch.pk)
    counts = queries.counts_of([found])[found.pk]
    context = {"batch": found, "state": found.state, "counts": counts}
    return render(
        request,
        "imports/batch_at_work.html#work",
        context | _progress(Opened(opened.user, found, opened.kind), counts),
    )


# ---------- lists ----------
@require_safe
def batch_alike(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """All rows of a file that are like someone known."""
    opened = _opened(request, uuid)
    return render(
        request,
        "imports/batch_alike.html",
        {
            "batch": opened.batch,
            "kind": opened.kind,
            "rows": waiting_shown(opened.batch, opened.kind, opened.user),
        },
    )


@require_safe
def batch_set_aside(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """The rows that were set aside, as a workbook: to mend there and bring in again."""
    opened = _opened(request, uuid)
    if not queries.rows_in(opened.batch, RowState.SET_ASIDE).exists():
        raise Http404
    file = xlsx_file(
        queries.set_aside_rows(opened.batch),
        title=_("Mises de côté"),
        fixed_at=timezone.now(),
        filters=[opened.batch.file_name],
    )
    with file:
        response = HttpResponse(file.read(), content_type=XLSX)
    response["Content-Disposition"] = 'attachment; filename="bagage-a-corriger.xlsx"'
    return response


@require_safe
def export(request: HttpRequest, kind: str, form: str) -> HttpResponseBase:
    """What the places of the reader hold of one kind, as a file that can be brought in again; noted in the trail."""
    user = _user(request)
    found = next((each for each in kinds_for(user) if each.name == kind), None)
    if found is None or form not in {"csv", "xlsx"}:
        raise Http404
    nodes = nodes_for(user, found)
    now = timezone.now()
    rows = found.rows_out(nodes, now, by=user)
    name = f"bagage-{kind}-{timezone.localdate(now).isoformat()}"
    services.note_export(user, found, nodes)
    if form == "csv":
        return csv_response(name, rows)
    return xlsx_response(
        name, rows, title=str(found.label), fixed_at=now, filters=[node.name for node in nodes]
    )
