"""A file becomes offers in two steps: read and shown, then confirmed; and the whole of it can be taken back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime, timedelta
from importlib.resources import files
from typing import Any

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bagage.accounts.models import User, actor_of, name_of
from bagage.common.errors import BusinessError, Conflict
from bagage.common.words import before_colon, joined, quoted
from bagage.connection.catalogue_words import fault_words, headings_words, sheet_words, unreadable_words
from bagage.connection.domain.catalogue_file import Json, Unreadable, open_file
from bagage.connection.domain.programme import Line as SoldLine
from bagage.connection.domain.programme import Programme, Refused, programme_as_json, read_programme
from bagage.connection.domain.sheet import Extra, Reading, WrongHeadings, read_json, read_rows, write_rows
from bagage.connection.models import Advice, CatalogueImport, HeldLine, Line, LineEvent, LineTerms, Offer
from bagage.connection.queries.catalogue import ImportPlan, import_plan
from bagage.connection.services.catalogue import (
    By,
    create_line,
    create_offer,
    lock_catalogue,
    offer_row,
    touch,
    write_line,
)
from bagage.trail.domain.actor import Actor
from bagage.trail.services import record

# A preview that nobody confirmed is forgotten after this.
PREVIEW_DAYS = 30
# When the example that comes with Bagage was written: its verifications are told from there.
EXAMPLE_WRITTEN_ON = date(2026, 11, 25)
MOST_FAULTS = 500


# ---------- reading ----------


def read_catalogue(content: bytes) -> tuple[Reading, str]:
    """What a file holds, and its encoding when it had to be guessed. Raises :class:`BusinessError` in plain words."""
    try:
        opened = open_file(content)
        if isinstance(opened, Json):
            return read_json(opened.data), ""
        return read_rows(opened.rows, sheet_words(), formulas=opened.formulas), opened.encoding
    except Unreadable as error:
        raise BusinessError(unreadable_words(error), field="file") from error
    except WrongHeadings as error:
        raise BusinessError(headings_words(error), field="file") from error
    except Refused as refused:
        first = refused.problems[0]
        where = f"{before_colon(first.place)} " if first.place else ""
        raise BusinessError(
            where + fault_words(first.code, column=first.place.rpartition(".")[2], rule=first.rule),
            field="file",
        ) from refused


@transaction.atomic
def read_import(
    file_name: str, content: bytes, *, begins_on: date, by: By, at: datetime | None = None
) -> CatalogueImport:
    """Read a file and keep what it holds, to be shown: the catalogue stays as it is until it is confirmed.

    Rows that break a rule are set aside with the reason; the others wait. Refused: a file that is no catalogue.
    """
    at = at or timezone.now()
    reading, encoding = read_catalogue(content)
    CatalogueImport.objects.filter(
        state=CatalogueImport.State.PREVIEW, read_at__lt=at - timedelta(days=PREVIEW_DAYS)
    ).delete()
    return CatalogueImport.objects.create(
        file_name=file_name.replace("\x00", "")[-120:],
        begins_on=begins_on,
        programme={
            "programme": programme_as_json(reading.programme),
            "extras": {code: asdict(extra) for code, extra in reading.extras.items()},
            "aside": [dict(row) for row in reading.aside],
            "ignored": list(reading.ignored),
            "encoding": encoding,
            # A table that lacks a column says nothing of it; a programme file says all.
            "columns": list(reading.columns) if reading.is_table else None,
        },
        problems=[asdict(fault) for fault in reading.faults[:MOST_FAULTS]],
        read_by=name_of(by),
        read_at=at,
    )


@transaction.atomic
def mend_import(
    batch: CatalogueImport, values: Mapping[tuple[int, str], str], *, by: By, at: datetime | None = None
) -> CatalogueImport:
    """Read the rows that were set aside again, with other values by (row, column); all else stays as it was read.

    Refused: an import that is not a preview any more, or whose file was no table.
    """
    batch = CatalogueImport.objects.select_for_update().get(pk=batch.pk)
    kept = batch.programme
    if batch.state != CatalogueImport.State.PREVIEW:
        raise Conflict(_("Cet import a déjà été confirmé."))
    columns = kept["columns"]
    if not columns:
        raise BusinessError(_("Corrigez le fichier lui-même, puis importez-le de nouveau."))
    told = kept["programme"]
    programme = read_programme(told) if told.get("lines") else Programme(())
    extras = {code: Extra(**each) for code, each in kept["extras"].items()}
    good = write_rows(programme, extras)
    mended = [
        row | {column: values.get((int(row["row"]), column), row.get(column, "")) for column in columns}
        for row in kept["aside"]
    ]
    table = [columns, *([row.get(column, "") for column in columns] for row in [*good, *mended])]
    # Rows that were right keep a number that no row set aside has, so that a fault found now is told of the other one.
    numbers = [0] * len(good) + [int(row["row"]) for row in mended]
    reading = read_rows(table, sheet_words(), numbers=numbers)
    kept["programme"] = programme_as_json(reading.programme)
    kept["extras"] = {code: asdict(extra) for code, extra in reading.extras.items()}
    kept["aside"] = [dict(row) for row in reading.aside]
    batch.problems = [asdict(fault) for fault in reading.faults[:MOST_FAULTS]]
    batch.save(update_fields=["programme", "problems"])
    return batch


# ---------- writing ----------


@transaction.atomic
def confirm_import(batch: CatalogueImport, *, by: By, at: datetime | None = None) -> CatalogueImport:
    """Write what the preview shows, as the catalogue stands now. Refused: a preview that was confirmed already."""
    at = at or timezone.now()
    catalogue = lock_catalogue()
    batch = CatalogueImport.objects.select_for_update().get(pk=batch.pk)
    if batch.state != CatalogueImport.State.PREVIEW:
        raise Conflict(_("Cet import a déjà été confirmé."))
    plan = import_plan(batch)
    if plan.is_empty:
        raise BusinessError(_("Ce fichier ne change rien au catalogue."))
    done = _Writing(batch, at).write(plan)
    if plan.about:
        done["about"], catalogue.about = catalogue.about, plan.about
    batch.state, batch.confirmed_at, batch.done = CatalogueImport.State.DONE, at, done
    batch.save(update_fields=["state", "confirmed_at", "done"])
    touch(catalogue)
    record(actor_of(by), "catalogue.import", at=at, thing=f"import:{batch.uuid}")
    return batch


class _Writing:
    """Writes one import, and notes what it changed so that it can be taken back."""

    def __init__(self, batch: CatalogueImport, at: datetime) -> None:
        self.batch, self.at, self.day = batch, at, batch.begins_on
        self.lines = {line.code: line for line in Line.objects.all()}
        self.done: dict[str, Any] = {
            "named": [], "ended_terms": [], "ended": [], "verified": [], "dated": [], "offers": {},
            "added": 0, "replaced": 0, "lines": 0,
        }  # fmt: skip

    def write(self, plan: ImportPlan) -> dict[str, Any]:
        """The acts, in the order in which they lean on each other."""
        rules = plan.rules
        for line in rules.new_lines:
            self._line(line)
        for change in rules.changed_lines:
            self._line(change.after)
        self.done["lines"] = len(rules.new_lines)
        positions: dict[int, int] = dict(
            Offer.objects.order_by()
            .values("line")
            .annotate(highest=Max("position"))
            .values_list("line", "highest")
        )
        made_rows = []
        for line, offer in rules.added:
            extra = plan.extras.get(offer.id, Extra())
            begins_on, ends_on = self._days(offer.id, extra)
            home = self.lines[line.id]
            positions[home.pk] = positions.get(home.pk, 0) + 1
            made_rows.append(
                offer_row(
                    home,
                    offer,
                    position=positions[home.pk],
                    begins_on=begins_on,
                    ends_on=ends_on,
                    note=extra.note,
                    at=self.at,
                    batch=self.batch,
                )
            )
        for made in Offer.objects.bulk_create(made_rows, batch_size=500):
            self._note_made(made)
        self.done["added"] = len(rules.added)
        for each in rules.replaced:
            extra = plan.extras.get(each.after.id, Extra())
            old = plan.rows[each.after.id]
            ends_on = date.fromisoformat(extra.ends_on) if extra.ends_on > self.day.isoformat() else None
            self._note_end(old)
            Offer.objects.filter(pk=old.pk).update(ends_on=self.day)
            made = create_offer(
                old.line, each.after, begins_on=self.day, ends_on=ends_on, note=extra.note or old.note,
                at=self.at, replaces=old, batch=self.batch,
            )  # fmt: skip
            self._note_made(made)
        self.done["replaced"] = len(rules.replaced)
        for _line, offer in rules.verified:
            row = plan.rows[offer.id]
            told = row.verified_on.isoformat() if row.verified_on else None
            self.done["verified"].append([str(row.uuid), told, offer.verified_on])
            Offer.objects.filter(pk=row.pk).update(verified_on=offer.verified_on)
        for row, ends in plan.ended:
            self._note_end(row)
            Offer.objects.filter(pk=row.pk).update(ends_on=ends)
        return self.done

    def _line(self, sold: SoldLine) -> None:
        line = self.lines.get(sold.id)
        if line is None:
            self.lines[sold.id] = create_line(sold, begins_on=self.day, at=self.at, batch=self.batch)
            return
        self.done["named"].append([str(line.uuid), line.operator, line.name, line.is_solidarity])
        for terms in line.terms.filter(ends_on=None):
            if terms.begins_on > self.day:
                raise BusinessError(
                    _(
                        "La gamme %(line)s a des conditions qui commencent plus tard : choisissez un jour d’après."
                    )
                    % {"line": quoted(line.title)},
                    field="begins_on",
                )
        before = {terms.pk for terms in line.terms.filter(ends_on=None)}
        write_line(line, sold, begins_on=self.day, at=self.at, batch=self.batch)
        for terms in line.terms.filter(pk__in=before, ends_on=self.day):
            self.done["ended_terms"].append(str(terms.uuid))

    def _days(self, code: str, extra: Extra) -> tuple[date, date | None]:
        """Its own days, unless something else was sold under that code then."""
        begins_on = date.fromisoformat(extra.begins_on) if extra.begins_on else self.day
        ends_on = date.fromisoformat(extra.ends_on) if extra.ends_on else None
        others = Q(ends_on=None) | Q(ends_on__gt=begins_on)
        if begins_on < self.day and Offer.objects.filter(others, code=code, is_history=False).exists():
            begins_on = self.day
        if ends_on and ends_on < begins_on:
            ends_on = begins_on
        return begins_on, ends_on

    def _note_end(self, row: Offer) -> None:
        self.done["ended"].append([str(row.uuid), row.ends_on.isoformat() if row.ends_on else None])

    def _note_made(self, made: Offer) -> None:
        self.done["offers"][str(made.uuid)] = made.ends_on.isoformat() if made.ends_on else None


# ---------- taking back ----------


def uses_of_import(batch: CatalogueImport) -> list[str]:
    """Why an import cannot be taken back, in sentences; none when it can."""
    if batch.confirmed_at is None:
        return []
    made = list(Offer.objects.filter(imported_by=batch))
    codes = {offer.code for offer in made}
    said = []
    names = {offer.pk: offer.name or offer.code for offer in made}
    bought = sorted(
        {names[pk] for pk in LineEvent.objects.filter(offer__in=made).values_list("offer", flat=True)}
    )
    held = sorted(
        HeldLine.objects.filter(line__imported_by=batch).values_list("line__operator", flat=True).distinct()
    )
    if bought or held:
        said.append(
            _("Des personnes en ont déjà : %(names)s.")
            % {"names": joined([quoted(n) for n in bought or held])}
        )
    advised = sum(
        1
        for kept in Advice.objects.filter(kept_at__gte=batch.confirmed_at).only("programme").iterator()
        if codes & _codes(kept.programme)
    )
    if advised:
        said.append(
            ngettext("%(count)s conseil gardé en parle.", "%(count)s conseils gardés en parlent.", advised)
            % {"count": advised}
        )
    told = batch.done.get("offers", {})
    touched = [
        offer.name or offer.code
        for offer in made
        if (offer.ends_on.isoformat() if offer.ends_on else None) != told.get(str(offer.uuid))
    ]
    if touched:
        said.append(
            _("Des offres ont changé depuis : %(names)s.")
            % {"names": joined([quoted(n) for n in touched[:5]])}
        )
    if (
        LineTerms.objects.filter(line__terms__imported_by=batch, begins_on__gte=batch.begins_on)
        .exclude(imported_by=batch)
        .filter(created_at__gt=batch.confirmed_at)
        .exists()
    ):
        said.append(_("Les conditions d’une gamme ont changé depuis."))
    added = Offer.objects.filter(line__imported_by=batch).exclude(imported_by=batch)
    # What replaced one of its offers is told above.
    if added.exclude(replaces__in=made).exists():
        said.append(_("D’autres offres ont été ajoutées à ses gammes."))
    return list(dict.fromkeys(said))


def _codes(programme: Any) -> set[str]:
    return {offer.get("id", "") for line in programme.get("lines", ()) for offer in line.get("offers", ())}


@transaction.atomic
def undo_import(batch: CatalogueImport, *, by: By, at: datetime | None = None) -> CatalogueImport:
    """Take back all that an import brought: its offers and lines go, what it ended goes on as before.

    Refused, with the reasons, once something has used it: nothing is then taken back.
    """
    at = at or timezone.now()
    catalogue = lock_catalogue()
    batch = CatalogueImport.objects.select_for_update().get(pk=batch.pk)
    if batch.state != CatalogueImport.State.DONE:
        raise Conflict(_("Cet import est déjà défait, ou n’a jamais été confirmé."))
    uses = uses_of_import(batch)
    if uses:
        raise BusinessError(_("Cet import a servi : il reste.") + " " + " ".join(uses))
    done = batch.done
    Offer.objects.filter(imported_by=batch).delete()
    for identifier, ends_on in done["ended"]:
        Offer.objects.filter(uuid=identifier).update(ends_on=ends_on)
    for identifier, before, written in done["verified"]:
        Offer.objects.filter(uuid=identifier, verified_on=written).update(verified_on=before)
    LineTerms.objects.filter(imported_by=batch).delete()
    LineTerms.objects.filter(uuid__in=done["ended_terms"]).update(ends_on=None)
    for identifier, operator, name, is_solidarity in done["named"]:
        Line.objects.filter(uuid=identifier).update(operator=operator, name=name, is_solidarity=is_solidarity)
    Line.objects.filter(imported_by=batch).delete()
    if "about" in done:
        catalogue.about = done["about"]
    batch.state, batch.undone_at = CatalogueImport.State.UNDONE, at
    batch.save(update_fields=["state", "undone_at"])
    touch(catalogue)
    record(actor_of(by), "catalogue.undo_import", at=at, thing=f"import:{batch.uuid}")
    return batch


# ---------- the example ----------


def example_content(today: date) -> bytes:
    """The invented catalogue that comes with Bagage, verified as many days ago as on the day it was written."""
    text = files("bagage.connection").joinpath("data/demo_catalogue.json").read_text(encoding="utf-8")
    data = json.loads(text)
    step = today - EXAMPLE_WRITTEN_ON
    for line in data["lines"]:
        for offer in line["offers"]:
            verified_on = date.fromisoformat(offer["verified_on"]) + step
            offer["verified_on"] = verified_on.isoformat()
    return json.dumps(data, ensure_ascii=False).encode()


@transaction.atomic
def load_example(
    *, begins_on: date | None = None, by: User | Actor, at: datetime | None = None
) -> CatalogueImport:
    """The invented catalogue, read and confirmed in one go; it can be taken back like any import."""
    at = at or timezone.now()
    today = timezone.localdate(at)
    batch = read_import(
        "demo_catalogue.json", example_content(today), begins_on=begins_on or today, by=by, at=at
    )
    return confirm_import(batch, by=by, at=at)
