"""The second wall of PostgreSQL: the database itself shows a signed-in reader no file of another site.

Each table that leads to a person has a policy. A page of someone who signed in reads narrow: the rows of persons whom a
node of hers follows, and those whom her own places have met (an appointment, a queue, an orientation). So a filter that
was forgotten shows nothing.

Everything else reads wide, under a name: commands, the worker and the scheduler, pages without an account (a signed
link decides), an act (one transaction, for rules count over all sites), and the few places that say :func:`wide`.

The wall stands on what the session of the database says: ``bagage.reads`` is ``everything`` or ``user``, and
``bagage.reader`` whose. A session that says nothing sees nothing. It guards against forgotten filters, not against
someone who writes SQL of her own. A superuser, or a role with BYPASSRLS, walks through it: :func:`trouble` says so.
See ``docs/decisions/0043-a-second-wall-on-postgresql.md``.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.module_loading import import_string

# Who may say which tables lead to a person, and which roles read files, by name: this activity imports none.
DECLARATIONS = "bagage.trail.registry.of_persons"
ROLES = "bagage.accounts.domain.roles.roles_with"
READS_FILES = "read_file"

# The tables without a wall, and why. They are counted, or looked through, whoever is in them.
OPEN = {
    "people.Following": "the wall is built on it",
    "people.AccessRequest": "a site asks another about someone whom it does not follow yet",
    "people.AlikePair": "ids alone: pairs are proposed to whoever may open both files",
    "people.HouseholdMember": "ids alone: a household may be followed at several sites",
    "people.Merge": "ids and reasons from a list",
    "people.NotTheSame": "ids alone",
    "permanences.Appointment": "seats of an adviser are counted for all sites",
    "permanences.QueueEntry": "who waits is counted for all sites",
    "permanences.SessionBooking": "seats of a session are counted for all sites",
    "shop.SaleLine": "what left the stock is summed",
    "shop.StockMovement": "what left the stock is summed",
    "equipment.DeviceEvent": "the life of a device, whoever held it",
    "equipment.Handover": "the board counts devices, whoever holds them",
    "equipment.Reservation": "the board counts devices, whoever waits for them",
}
# Rows that the place where they were written reads too, person or not: (column of a node, column of a site).
PLACES: dict[str, tuple[str, str]] = {
    "referrals.Referral": ("organisation_id", "site_id"),
    "referrals.Onward": ("node_id", ""),
    "shop.Sale": ("", "site_id"),
    "shop.AccessRight": ("node_id", ""),
}
POLICY = "bagage_wall"

# pg_dump looks for tables in no schema at all: the functions say in which they stand.
_FUNCTIONS = """
CREATE OR REPLACE FUNCTION bagage_wide() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT current_setting('bagage.reads', true) IS NOT DISTINCT FROM 'everything' $$;

CREATE OR REPLACE FUNCTION bagage_nodes(asked text[]) RETURNS bigint[] LANGUAGE sql STABLE
SET search_path TO public AS $$
  SELECT coalesce(array_agg(DISTINCT below.id), '{}') FROM accounts_membership held
  JOIN accounts_organisation top ON top.id = held.organisation_id
  JOIN accounts_organisation below ON below.path LIKE top.path || '%'
  WHERE held.ended_at IS NULL
    AND held.user_id = nullif(current_setting('bagage.reader', true), '')::bigint
    AND (asked IS NULL OR held.role = ANY (asked))
$$;

-- Beyond those whom her nodes follow: a file that was marked as one of theirs, and who came to a place of hers.
CREATE OR REPLACE FUNCTION bagage_also(asked text[]) RETURNS SETOF bigint LANGUAGE plpgsql STABLE
SET search_path TO public AS $$
DECLARE followed bigint[] := bagage_nodes(asked); places bigint[] := bagage_nodes(NULL);
  before text := coalesce(current_setting('bagage.reads', true), '');
BEGIN
  -- The questions below pass the wall, or they would ask this again; it stands again before an answer leaves.
  PERFORM set_config('bagage.reads', 'everything', false);
  RETURN QUERY
    WITH marked AS (SELECT p.id, p.merged_into_id AS kept FROM people_person p WHERE p.merged_into_id IS NOT NULL),
    files AS (SELECT id, kept FROM marked UNION SELECT kept, kept FROM marked),
    here AS (
      SELECT DISTINCT files.kept FROM files JOIN people_following f ON f.person_id = files.id
      WHERE f.node_id = ANY (followed) AND (f.ended_at IS NULL OR f.ended_at > now()))
    SELECT files.id FROM files JOIN here USING (kept);
  RETURN QUERY SELECT a.person_id FROM permanences_appointment a JOIN permanences_site s ON s.id = a.site_id
    WHERE s.organisation_id = ANY (places) AND a.person_id IS NOT NULL AND a.starts_at > now() - interval '60 days';
  RETURN QUERY SELECT q.person_id FROM permanences_queueentry q JOIN permanences_site s ON s.id = q.site_id
    WHERE s.organisation_id = ANY (places) AND q.person_id IS NOT NULL AND q.came_at > now() - interval '60 days';
  RETURN QUERY SELECT b.person_id FROM permanences_sessionbooking b
    JOIN permanences_session t ON t.id = b.session_id JOIN permanences_site s ON s.id = t.site_id
    WHERE s.organisation_id = ANY (places) AND b.person_id IS NOT NULL AND t.starts_at > now() - interval '60 days';
  RETURN QUERY SELECT b.person_id FROM shop_sale b JOIN permanences_site s ON s.id = b.site_id
    WHERE s.organisation_id = ANY (places) AND b.person_id IS NOT NULL;
  RETURN QUERY SELECT h.person_id FROM equipment_handover h JOIN permanences_site s ON s.id = h.site_id
    WHERE s.organisation_id = ANY (places) AND h.person_id IS NOT NULL;
  RETURN QUERY SELECT k.person_id FROM equipment_reservation k JOIN permanences_site s ON s.id = k.site_id
    WHERE s.organisation_id = ANY (places) AND k.person_id IS NOT NULL;
  RETURN QUERY SELECT r.person_id FROM referrals_referral r LEFT JOIN permanences_site s ON s.id = r.site_id
    WHERE r.person_id IS NOT NULL AND (r.organisation_id = ANY (places) OR s.organisation_id = ANY (places));
  PERFORM set_config('bagage.reads', before, false);
END $$;
"""


# ---------- building it ----------


def is_on() -> bool:
    """Whether this installation asks for the wall, on a database that can hold it."""
    return bool(settings.ROW_SECURITY) and connection.vendor == "postgresql"


def walled() -> dict[str, str]:
    """The tables with a wall, and the condition under which a row is seen."""
    found = {}
    for said in import_string(DECLARATIONS)():
        if said.person and said.model not in OPEN:
            table = apps.get_model(said.model)
            found[table._meta.db_table] = _condition(said.model, table, said.person)
    return found


def _roles() -> str:
    roles = sorted(str(role) for role in import_string(ROLES)(READS_FILES))
    return "'{" + ",".join(roles) + "}'::text[]"


def _condition(label: str, table: type[models.Model], path: str) -> str:
    name = table._meta.db_table
    if path == "pk":
        nodes = f"(SELECT bagage_nodes({_roles()}))::bigint[]"
        return (
            f"CASE WHEN bagage_wide() THEN true WHEN EXISTS (SELECT 1 FROM people_following f"
            f" WHERE f.person_id = {name}.id AND f.node_id = ANY ({nodes})"
            f" AND (f.ended_at IS NULL OR f.ended_at > now())) THEN true"
            f" ELSE {name}.id IN (SELECT bagage_also({_roles()})) END"
        )
    # A row is seen when the row it hangs on is: that one has its own wall.
    first = path.partition("__")[0]
    link: Any = table._meta.get_field(first)
    parent = link.related_model._meta
    seen = f"EXISTS (SELECT 1 FROM {parent.db_table} up WHERE up.id = {name}.{link.column})"
    node, site = PLACES.get(label, ("", ""))
    places = "ANY ((SELECT bagage_nodes(NULL))::bigint[])"
    if node:
        seen += f" OR {name}.{node} = {places}"
    if site:
        seen += (
            f" OR EXISTS (SELECT 1 FROM permanences_site s WHERE s.id = {name}.{site}"
            f" AND s.organisation_id = {places})"
        )
    return f"CASE WHEN bagage_wide() THEN true ELSE {seen} END"


def install() -> int:
    """Build the wall, or build it anew after tables or roles changed; how many tables have it."""
    tables = walled()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('bagage.reads', 'everything', true)")
        _take_down(cursor)
        cursor.execute(_FUNCTIONS)
        for name, condition in tables.items():
            cursor.execute(f'ALTER TABLE "{name}" ENABLE ROW LEVEL SECURITY')
            cursor.execute(f'ALTER TABLE "{name}" FORCE ROW LEVEL SECURITY')
            cursor.execute(
                f'CREATE POLICY {POLICY} ON "{name}" FOR ALL USING ({condition}) WITH CHECK (true)'
            )
    return len(tables)


def remove() -> None:
    """Take the wall down: before tables change, and where it is not asked for."""
    if connection.vendor != "postgresql":
        return
    with transaction.atomic(), connection.cursor() as cursor:
        _take_down(cursor)


def _take_down(cursor: Any) -> None:
    for name in _standing(cursor):
        cursor.execute(f'DROP POLICY {POLICY} ON "{name}"')
        cursor.execute(f'ALTER TABLE "{name}" NO FORCE ROW LEVEL SECURITY')
        cursor.execute(f'ALTER TABLE "{name}" DISABLE ROW LEVEL SECURITY')


def _standing(cursor: Any) -> list[str]:
    """The tables whose wall stands now."""
    cursor.execute(
        "SELECT tablename FROM pg_policies WHERE schemaname = current_schema() AND policyname = %s", [POLICY]
    )
    return [name for (name,) in cursor.fetchall()]


def settle() -> None:
    """Build or take down, as the settings ask, what does not stand as they ask."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        standing = set(_standing(cursor))
    if not is_on():
        if standing:
            remove()
    elif standing != set(walled()):
        install()


def trouble() -> str:
    """Why the wall that is asked for does not hold: ``"superuser"``, ``"missing"``; ``""`` when it does, or is off."""
    if not is_on():
        return ""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        if cursor.fetchone()[0]:
            return "superuser"
        standing = set(_standing(cursor))
    return "missing" if set(walled()) - standing else ""


# ---------- who reads ----------

_wide: ContextVar[str] = ContextVar("bagage_wide", default="")
_guard: "ContextVar[Guard | None]" = ContextVar("bagage_guard", default=None)
# These end or begin an act; while one fails, nothing else may be said to the database.
_BOUNDARY = re.compile(r"\s*(SAVEPOINT|RELEASE|ROLLBACK)", re.IGNORECASE)
_SAY = "SELECT set_config('bagage.reads', %s, false), set_config('bagage.reader', %s, false)"


@contextmanager
def wide(name: str) -> Iterator[None]:
    """Read the whole network for a while, where a rule asks for it; ``name`` says which, for whoever reads the code."""
    token = _wide.set(name)
    try:
        yield
    finally:
        _wide.reset(token)


def reads_as(user_id: int) -> None:
    """From here on this request reads as this user: a program that showed its token."""
    guard = _guard.get()
    if guard is not None:
        guard.reader = user_id


class Guard:
    """Tells the session of the database, before each question of a request, how far it may read.

    Nothing is asked when nothing changed; what is said is no query of the page.
    """

    def __init__(self, reader: int | None) -> None:
        self.reader = reader
        self.said: tuple[Any, str, int | None] | None = None
        self.was_atomic = connection.in_atomic_block
        self.depth = len(connection.savepoint_ids)

    def is_act(self) -> bool:
        """Whether a transaction was begun since the request began."""
        if not connection.in_atomic_block:
            return False
        return not self.was_atomic or len(connection.savepoint_ids) > self.depth

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        if not _BOUNDARY.match(sql):
            is_narrow = self.reader is not None and not _wide.get() and not self.is_act()
            self.say("user" if is_narrow else "everything")
        return execute(sql, params, many, context)

    def say(self, reads: str) -> None:
        raw = connection.connection
        if self.said != (raw, reads, self.reader):
            raw.execute(_SAY, [reads, "" if self.reader is None else str(self.reader)])
            self.said = (raw, reads, self.reader)

    def leave(self) -> None:
        """The connection may serve something else now: it reads as before."""
        if connection.connection is None or self.said is None or self.said[1] == "everything":
            return
        try:
            self.say("everything")
        except Exception:  # in the middle of what failed: a connection in doubt is not used again
            if not self.was_atomic:
                connection.close()


@contextmanager
def guarded(reader: int | None) -> Iterator[Guard]:
    """What is asked of the database inside reads as ``reader`` does."""
    guard = Guard(reader)
    token = _guard.set(guard)
    try:
        with connection.execute_wrapper(guard):
            yield guard
    finally:
        _guard.reset(token)
        guard.leave()


def say_everything(sender: object, connection: Any, **more: object) -> None:
    """A new connection of ours reads wide until a request narrows it."""
    if connection.vendor == "postgresql" and connection.alias == "default":
        connection.connection.execute(_SAY, ["everything", ""])


class ReaderMiddleware:
    """A request of someone who signed in reads narrow, streamed answers too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not is_on():
            return self.get_response(request)
        reader = None
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            kept = request.session.get("_auth_user_id")
            reader = int(kept) if kept else None
        with guarded(reader) as guard:
            response = self.get_response(request)
            reader = guard.reader
        if response.streaming:
            content = response.streaming_content  # type: ignore[attr-defined]
            response.streaming_content = _streamed(content, reader)  # type: ignore[attr-defined]
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], arguments: Any, keywords: Any
    ) -> None:
        """A page that is open to anyone answers who signed in as it answers a stranger: by what its link says."""
        guard = _guard.get()
        if guard is not None and not getattr(view, "login_required", True):
            guard.reader = None


def _streamed(content: Iterator[bytes], reader: int | None) -> Iterator[bytes]:
    with guarded(reader):
        yield from content
