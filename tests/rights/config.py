"""What belongs to no activity."""

from tests.rights import Row

ROWS = {
    # 503 in the tests: no worker is running.
    "health": Row(public=True, expected={"everyone": 503}),
}
