"""Fair connection: staff read the catalogue, those who keep it change it; referrers see none of it."""

from tests.rights import Row

# ---------- the catalogue ----------
CATALOGUE: dict[str, Row | list[Row]] = {}

# ---------- advice ----------
ADVICE: dict[str, Row | list[Row]] = {}

# ---------- lines ----------
LINES: dict[str, Row | list[Row]] = {}

ROWS = CATALOGUE | ADVICE | LINES
