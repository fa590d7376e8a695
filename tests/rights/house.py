"""The installation as a whole: its back-ups are for who runs it from the root, and for nobody of one site."""

from tests.rights import Row

KEEPS = {"everyone": 403, "administrator_network": 200}
SENDS = {"everyone": 403, "administrator_network": 302}

ROWS = {
    "desk:backups": Row(expected=KEEPS),
    "desk:backup_now": Row(method="post", expected=SENDS),
    # 409 once it is noted, or while there is none.
    "desk:backup_key": Row(method="post", expected={"everyone": 403, "administrator_network": {200, 409}}),
    "desk:backup_key_noted": Row(method="post", expected=SENDS),
}
