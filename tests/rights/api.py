"""The interface for programs: whoever is unknown is told so, not sent to the sign-in page."""

from tests.rights import Row

UNKNOWN = {"anonymous": 401, "closed": 401}

ROWS: dict[str, Row | list[Row]] = {
    "api:api-root": Row(expected={"anonymous": 404, "closed": 404, "everyone": 404}),
    "api:openapi-json": Row(expected=UNKNOWN | {"everyone": 200}),
    # A form is not JSON: who may ask is told so.
    "api:connection_advice": [
        Row(method="post", expected=UNKNOWN | {"referrer": 403, "everyone": 415}),
        Row(expected={"anonymous": 405, "closed": 405, "everyone": 405}),
    ],
}
