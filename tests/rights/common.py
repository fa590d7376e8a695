"""Pages that belong to no activity: open to all, without a name on them."""

from tests.rights import Row

ROWS = {
    "common:gallery": Row(public=True, expected={"everyone": 200}),
    "common:help": Row(public=True, expected={"everyone": 200}),
    "common:rights_notice": Row(public=True, expected={"everyone": 200}),
    "common:manifest": Row(public=True, expected={"everyone": 200}),
    "common:favicon": Row(public=True, expected={"everyone": 302}),
    "common:careful": Row(
        public=True, method="post", data=lambda world: {"words": "agressif"}, expected={"everyone": 200}
    ),
    "common:ping": Row(public=True, expected={"everyone": 204}),
    "common:set_language": Row(
        public=True,
        method="post",
        data=lambda world: {"language": "en", "next": "/help/"},
        expected={"everyone": 302},
    ),
}
