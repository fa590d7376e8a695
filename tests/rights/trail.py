"""The trail: programme leads and administrators, each for her places."""

from tests.rights import Row

READERS = {"programme_lead": 200, "administrator": 200, "everyone": 403}

ROWS = {
    "trail:log": [
        Row(expected=READERS),
        Row(query=lambda world: {"person": str(world.person.uuid)}, expected=READERS),
    ],
    "trail:verify": Row(method="post", expected=READERS),
}
