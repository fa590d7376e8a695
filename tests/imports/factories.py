"""A network with who brings files in, and small files."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from bagage.accounts.domain.roles import Role
from bagage.accounts.models import User
from bagage.imports import services
from bagage.imports.models import Batch, Row
from tests.people.factories import Network, make_network, make_user

HEADINGS = "Identifiant;Prénom;Nom;Date de naissance;Téléphone;Langue;Commune;Orienté par"
GOOD = (
    "A1;Awa;Sangaré;12/03/1985;06 39 98 00 01;bambara;Paris 19e;CCAS 19",
    "A2;Olena;Tkachenko;vers 1990;;ukr.;;",
)
BAD = ("A3;Moussa;Camara;1885;;;;", "A4;;;1990;;;;", "A5;Wei;Li;;06 39 98 12 3;;;")


class Ground:
    """Riquet and Saint-Denis, and the lead of the first."""

    def __init__(self) -> None:
        self.network: Network = make_network()
        self.lead: User = make_user(self.network.riquet, Role.PROGRAMME_LEAD, "Karim")

    def read(self, *rows: str, headings: str = HEADINGS, check: bool = True, **options: Any) -> Batch:
        """A batch of persons at Riquet, looked at unless told."""
        return read(self, rows, headings=headings, check=check, **options)


def read(
    ground: Ground, rows: Iterable[str], *, headings: str = HEADINGS, check: bool = True, **options: Any
) -> Batch:
    text = "\n".join([headings, *rows]) + "\n"
    wanted: dict[str, Any] = {
        "kind": "persons",
        "node": ground.network.riquet,
        "by": ground.lead,
        **options,
    }
    at: datetime | None = wanted.get("at")
    batch = services.read_file(text.encode(), "liste.csv", **wanted)
    if check:
        assert services.check_batch(batch, at=at)
        batch.refresh_from_db()
    return batch


def states(batch: Batch) -> dict[int, str]:
    """The state of each row by its number."""
    return dict(Row.objects.filter(batch=batch).order_by("number").values_list("number", "state"))


def codes(batch: Batch) -> dict[int, list[str]]:
    """What is wrong with each row that has something wrong."""
    rows = Row.objects.filter(batch=batch).order_by("number")
    return {row.number: [error["code"] for error in row.errors] for row in rows if row.errors}
