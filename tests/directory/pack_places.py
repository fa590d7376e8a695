"""Makes the two files of places that come with the package from the files of their producers.

    python -m tests.directory.pack_places FOLDER

FOLDER holds ``mediation_places.csv`` (national standard v1.0.2) and ``public_libraries.csv``. Columns that nothing
reads are dropped, points are rounded to six decimals (0.1 m), and what may be somebody's own is left out: mobile
numbers, the long presentations (they name people), and short ones that hold a telephone number.
"""

import csv
import gzip
import io
import re
import sys
from collections.abc import Iterable
from pathlib import Path

PACKAGED = Path(__file__).resolve().parents[2] / "src" / "bagage" / "directory" / "data"
MEDIATION = (
    "id nom commune code_postal code_insee adresse complement_adresse latitude longitude typologie telephone courriels "
    "site_web horaires presentation_resume source itinerance structure_parente date_maj services "
    "publics_specifiquement_adresses prise_en_charge_specifique frais_a_charge dispositif_programmes_nationaux "
    "formations_labels modalites_acces modalites_accompagnement fiche_acces_libre prise_rdv"
)
LIBRARIES = (
    "Libelle1 Libelle2 Localisation voie CP Ville INSEE coordonnees_finales code_bib Statut type_adresse "
    "amplitude_horaire"
)


def without_own(row: dict[str, str]) -> dict[str, str]:
    """A place of mediation without what may be somebody's own."""
    if re.match(r"\+33[67]", row["telephone"]):
        row["telephone"] = ""
    if re.search(r"(?:\d[ .]?){9,}", row["presentation_resume"]):
        row["presentation_resume"] = ""
    for name in ("latitude", "longitude"):
        row[name] = f"{float(row[name]):.6f}".rstrip("0").rstrip(".") if row[name] else ""
    return row


def pack(rows: Iterable[dict[str, str]], names: str, target: Path) -> int:
    """Write the columns of the rows, compressed the same at each run; return how many rows."""
    columns = names.split()
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    count = 0
    for row in rows:
        writer.writerow({name: " ".join((row[name] or "").split()) for name in columns})
        count += 1
    target.write_bytes(gzip.compress(out.getvalue().encode(), 9, mtime=0))
    return count


def main(folder: Path) -> None:
    with (folder / "mediation_places.csv").open(encoding="utf-8", newline="") as file:
        rows = (without_own(row) for row in csv.DictReader(file))
        count = pack(rows, MEDIATION, PACKAGED / "mediation_places.csv.gz")
    sys.stdout.write(f"{count} places of mediation\n")
    with (folder / "public_libraries.csv").open(encoding="utf-8", newline="") as file:
        count = pack(csv.DictReader(file, delimiter=";"), LIBRARIES, PACKAGED / "public_libraries.csv.gz")
    sys.stdout.write(f"{count} libraries\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
