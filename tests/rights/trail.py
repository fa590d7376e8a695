"""The trail: programme leads and administrators, each for her places."""

from tests.rights import Row

READERS = {"programme_lead": 200, "administrator": 200, "everyone": 403}

ROWS = {
    "trail:log": [
        Row(expected=READERS),
        Row(query=lambda world: {"person": str(world.person.uuid)}, expected=READERS),
    ],
    "trail:verify": Row(method="post", expected=READERS),
    "trail:unusual": Row(expected=READERS),
    "trail:papers": Row(expected=READERS),
    "trail:paper": [
        Row(kwargs=lambda world, kind=kind: {"kind": kind}, expected=READERS)  # type: ignore[misc]
        for kind in ("register", "impact", "notice", "breach")
    ],
    "trail:paper_pdf": [
        Row(kwargs=lambda world: {"kind": "notice"}, expected=READERS),
        Row(
            kwargs=lambda world: {"kind": "other"},
            expected={**READERS, "programme_lead": 404, "administrator": 404},
        ),
    ],
}
