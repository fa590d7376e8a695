"""Files that come in: who brings in data, each kind asking for what it writes; nothing of another place is shown."""

from typing import Any

from bagage.imports import services
from bagage.imports.models import Batch
from tests.rights import Row
from tests.rights.world import World

# Persons are brought in by who leads the programme: administrators never read files.
PERSONS: dict[str, int | set[int] | frozenset[int]] = {
    "programme_lead_here": 200,
    "programme_lead_network": 200,
    "programme_lead_elsewhere": 404,
    "local_officer": 404,
    "administrator": 404,
    "everyone": 403,
}
SENT = {**PERSONS, "programme_lead_here": 302, "programme_lead_network": 302}
MANY: dict[str, int | set[int] | frozenset[int]] = {
    "programme_lead": 200,
    "local_officer": 200,
    "administrator": 200,
    "everyone": 403,
}
FILE = "Prénom;Nom;Téléphone;Naissance\nZéphyrine;Oyélaran;06 39 98 04 17;1990\nAïcha;Ba;;1990\nMoussa;Camara;06;1885\n"


def _batch(world: World, stem: str, *, written: bool = False) -> dict[str, Any]:
    found = Batch.objects.filter(file_name=f"{stem}.csv").first()
    if found is None:
        lead = world.users["programme_lead_here"]
        found = services.read_file(
            FILE.encode(), f"{stem}.csv", kind="persons", node=world.node_a, by=lead, at=world.now
        )
        services.check_batch(found, at=world.now)
        if written:
            services.write_batch(found, by=lead, at=world.now)
    return {"uuid": found.uuid}


def _preview(world: World) -> dict[str, Any]:
    return _batch(world, "preview")


def _written(world: World) -> dict[str, Any]:
    return _batch(world, "written", written=True)


def _export(kind: str, form: str) -> Any:
    return lambda world: {"kind": kind, "form": form}


ROWS: dict[str, Row | list[Row]] = {
    "imports:batches": [
        Row(expected=MANY),
        Row(
            method="post",
            expected={"programme_lead": 422, "local_officer": 422, "administrator": 422, "everyone": 403},
        ),
    ],
    "imports:export": [
        Row(
            kwargs=_export("persons", "csv"),
            expected={"programme_lead": 200, "local_officer": 404, "administrator": 404, "everyone": 403},
        ),
        Row(kwargs=_export("organisations", "csv"), expected=MANY),
        Row(
            kwargs=_export("staff", "csv"),
            expected={"administrator": 200, "programme_lead": 404, "local_officer": 404, "everyone": 403},
        ),
        Row(
            kwargs=_export("persons", "pdf"),
            expected={"programme_lead": 404, "local_officer": 404, "administrator": 404, "everyone": 403},
        ),
    ],
    "imports:batch": [
        Row(kwargs=_preview, expected=PERSONS),
        Row(kwargs=_written, expected=PERSONS),
    ],
    "imports:batch_alike": Row(kwargs=_preview, expected=PERSONS),
    "imports:batch_set_aside": Row(kwargs=_preview, expected=PERSONS),
    "imports:batch_columns": Row(
        method="post",
        kwargs=_preview,
        data=lambda world: {"column-0": "chosen_name", "column-1": "family_name"},
        expected=SENT,
    ),
    "imports:batch_decide": Row(
        method="post", kwargs=_preview, data=lambda world: {"row": "2", "decision": "new"}, expected=SENT
    ),
    "imports:batch_decide_all": Row(
        method="post", kwargs=_preview, data=lambda world: {"decision": "new"}, expected=SENT
    ),
    "imports:batch_mend": Row(
        method="post",
        kwargs=_preview,
        data=lambda world: {"r4-phone": "", "r4-birth_date": "1985"},
        expected=SENT,
    ),
    "imports:batch_drop": Row(method="post", kwargs=_preview, expected=SENT),
    "imports:batch_write": Row(method="post", kwargs=_preview, expected=SENT),
    "imports:batch_go_on": Row(method="post", kwargs=_preview, expected=SENT),
    "imports:batch_undo": Row(method="post", kwargs=_written, expected=SENT),
}
