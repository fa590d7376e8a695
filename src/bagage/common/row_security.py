"""The second wall of PostgreSQL: the database itself shows a signed-in reader no file of another site.

Each table that leads to a person has a policy. A page of someone who signed in reads narrow: the rows of persons whom a
node of hers follows, and those whom her own places have met (an appointment, a queue, an orientation). So a filter that
was forgotten shows nothing.

Everything else reads wide, under a name: commands, the worker and the scheduler, pages without an account (a signed
link decides), an act (one transaction, for rules count over all sites), and the few places that say :func:`wide`:
how many rows there are, and which ones by their keys alone, is asked past the wall; the rows themselves never are.

Each file has its doors (``bagage_door``): one for each node that follows it or another file of the same person, and
one for each place that met her. The session of the database says how far it reads: ``bagage.reads`` is ``everything``
or ``user``; then ``bagage.keys`` holds the keys of this user, those of the nodes whose files she reads and those of
the places where she works. A session that says nothing sees nothing. It guards against forgotten filters, not against
someone who writes SQL of her own. A superuser, or a role with BYPASSRLS, walks through it: :func:`trouble` says so.
See ``docs/decisions/0043-a-second-wall-on-postgresql.md``.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, connections, models, transaction
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


_FOR_GOOD = "timestamptz '9999-12-31 12:00Z'"  # no driver reads infinity
# Three kinds of key in one number: of a node that follows, of a node and of a site where someone was met.
_FOLLOWS, _AT_NODE, _AT_SITE = "({} * 4)", "({} * 4 + 1)", "({} * 4 + 2)"


@dataclass(frozen=True, slots=True)
class Meeting:
    """A table whose rows say that a place met a person: until when, in SQL of the row ``r``, and what it looks at."""

    table: str
    columns: str
    node: str = ""
    site: str = "r.site_id"
    until: str = _FOR_GOOD

    @property
    def keys(self) -> list[str]:
        """The SQL of the keys that open the doors it makes."""
        found = [_AT_SITE.format(self.site)]
        return [*found, _AT_NODE.format(self.node)] if self.node else found


# How long a place may still read whom it met, after an appointment, a queue, a session.
_SOME_TIME = "interval '60 days'"
_OF_SESSION = "(SELECT s.{} FROM permanences_session s WHERE s.id = r.session_id)"
MEETINGS = (
    Meeting("permanences_appointment", "person_id, site_id, starts_at", until=f"r.starts_at + {_SOME_TIME}"),
    Meeting("permanences_queueentry", "person_id, site_id, came_at", until=f"r.came_at + {_SOME_TIME}"),
    Meeting(
        "permanences_sessionbooking",
        "person_id, session_id",
        site=_OF_SESSION.format("site_id"),
        until=f"{_OF_SESSION.format('starts_at')} + {_SOME_TIME}",
    ),
    Meeting("shop_sale", "person_id, site_id"),
    Meeting("equipment_handover", "person_id, site_id"),
    Meeting("equipment_reservation", "person_id, site_id"),
    Meeting("referrals_referral", "person_id, site_id, organisation_id", node="r.organisation_id"),
)

# The doors of each file, beside the tables that say so: asked of each row that is read, a policy must find its answer
# by one key in one place. Triggers keep them. pg_dump looks for tables in no schema: functions name theirs.
_BESIDE = """
CREATE TABLE bagage_door (
  told_by text NOT NULL, row_id bigint NOT NULL, person_id bigint NOT NULL, key bigint NOT NULL,
  until timestamptz NOT NULL, PRIMARY KEY (told_by, row_id, person_id, key));
CREATE INDEX bagage_door_of ON bagage_door (person_id) INCLUDE (key, until);

-- The files of one person. Who reads narrow sees too few of them: whoever asks has said that she reads wide.
CREATE FUNCTION bagage_files(file bigint) RETURNS bigint[] LANGUAGE sql STABLE SET search_path TO public AS $$
  WITH kept AS (SELECT coalesce(merged_into_id, id) AS id FROM people_person WHERE id = file)
  SELECT ARRAY(SELECT id FROM kept UNION ALL SELECT p.id FROM people_person p JOIN kept ON p.merged_into_id = kept.id)
$$;

-- Whoever follows one file of a person has a door to each of them.
CREATE FUNCTION bagage_join(file bigint) RETURNS void LANGUAGE plpgsql SET search_path TO public AS $$
DECLARE before text := coalesce(current_setting('bagage.reads', true), '');
  files bigint[];
BEGIN
  PERFORM set_config('bagage.reads', 'everything', false);
  files := bagage_files(file);
  DELETE FROM bagage_door WHERE told_by = 'people_following' AND person_id = ANY (files);
  DELETE FROM bagage_door WHERE told_by = 'people_following'
    AND row_id IN (SELECT id FROM people_following WHERE person_id = ANY (files));
  INSERT INTO bagage_door SELECT 'people_following', f.id, one, {follows}, {until}
    FROM people_following f CROSS JOIN unnest(files) one WHERE f.person_id = ANY (files);
  PERFORM set_config('bagage.reads', before, false);
END $$;

CREATE FUNCTION bagage_marked() RETURNS trigger LANGUAGE plpgsql SET search_path TO public AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    DELETE FROM bagage_door WHERE told_by = 'people_following' AND person_id = OLD.id;
  END IF;
  IF TG_OP <> 'INSERT' AND OLD.merged_into_id IS NOT NULL THEN PERFORM bagage_join(OLD.merged_into_id); END IF;
  IF TG_OP <> 'DELETE' THEN PERFORM bagage_join(NEW.id); END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER bagage_marked_new AFTER INSERT ON people_person
  FOR EACH ROW WHEN (NEW.merged_into_id IS NOT NULL) EXECUTE FUNCTION bagage_marked();
CREATE TRIGGER bagage_marked_gone AFTER DELETE ON people_person FOR EACH ROW EXECUTE FUNCTION bagage_marked();
CREATE TRIGGER bagage_marked_change AFTER UPDATE OF merged_into_id ON people_person
  FOR EACH ROW WHEN (OLD.merged_into_id IS DISTINCT FROM NEW.merged_into_id) EXECUTE FUNCTION bagage_marked();

CREATE FUNCTION bagage_followed() RETURNS trigger LANGUAGE plpgsql SET search_path TO public AS $$
DECLARE before text := coalesce(current_setting('bagage.reads', true), '');
BEGIN
  IF TG_OP <> 'INSERT' THEN
    DELETE FROM bagage_door WHERE told_by = 'people_following' AND row_id = OLD.id;
  END IF;
  IF TG_OP <> 'DELETE' THEN
    PERFORM set_config('bagage.reads', 'everything', false);
    INSERT INTO bagage_door SELECT 'people_following', f.id, one, {follows}, {until}
      FROM (SELECT NEW.*) f CROSS JOIN unnest(bagage_files(f.person_id)) one;
    PERFORM set_config('bagage.reads', before, false);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER bagage_followed_row AFTER INSERT OR DELETE ON people_following
  FOR EACH ROW EXECUTE FUNCTION bagage_followed();
CREATE TRIGGER bagage_followed_change AFTER UPDATE OF person_id, node_id, ended_at ON people_following
  FOR EACH ROW EXECUTE FUNCTION bagage_followed();
INSERT INTO bagage_door SELECT 'people_following', f.id, f.person_id, {follows}, {until} FROM people_following f;
SELECT count(bagage_join(kept)) FROM (
  SELECT DISTINCT merged_into_id AS kept FROM people_person WHERE merged_into_id IS NOT NULL) marked;

CREATE FUNCTION bagage_emptied() RETURNS trigger LANGUAGE plpgsql SET search_path TO public AS $$
BEGIN
  DELETE FROM bagage_door WHERE told_by = TG_TABLE_NAME;
  RETURN NULL;
END $$;
CREATE TRIGGER bagage_emptied AFTER TRUNCATE ON people_following EXECUTE FUNCTION bagage_emptied();

CREATE FUNCTION bagage_session_moved() RETURNS trigger LANGUAGE plpgsql SET search_path TO public AS $$
BEGIN
  UPDATE bagage_door SET key = {at_site}, until = NEW.starts_at + interval '60 days'
    FROM permanences_sessionbooking b
    WHERE told_by = 'permanences_sessionbooking' AND row_id = b.id AND b.session_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER bagage_session_moved AFTER UPDATE OF site_id, starts_at ON permanences_session FOR EACH ROW
  WHEN (OLD.site_id <> NEW.site_id OR OLD.starts_at <> NEW.starts_at) EXECUTE FUNCTION bagage_session_moved();
""".format(
    follows=_FOLLOWS.format("f.node_id"),
    until=f"coalesce(f.ended_at, {_FOR_GOOD})",
    at_site=_AT_SITE.format("NEW.site_id"),
)


def _kept(meeting: Meeting) -> str:
    """The SQL that keeps the doors made by the rows of one table, those that are there first."""
    name, changed = meeting.table, meeting.columns.split(", ")
    differs = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in changed)
    doors = (
        f"SELECT '{name}', r.id, r.person_id, k.key, {meeting.until}"
        f" FROM {{}} r CROSS JOIN LATERAL unnest(ARRAY[{', '.join(meeting.keys)}]::bigint[]) k(key)"
        " WHERE r.person_id IS NOT NULL AND k.key IS NOT NULL"
    )
    return f"""
CREATE FUNCTION bagage_met_by_{name}() RETURNS trigger LANGUAGE plpgsql SET search_path TO public AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    DELETE FROM bagage_door WHERE told_by = '{name}' AND row_id = OLD.id;
  END IF;
  IF TG_OP <> 'DELETE' THEN
    INSERT INTO bagage_door {doors.format("(SELECT NEW.*)")}
      ON CONFLICT (told_by, row_id, person_id, key) DO UPDATE SET until = excluded.until;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER bagage_met_row AFTER INSERT OR DELETE ON {name}
  FOR EACH ROW EXECUTE FUNCTION bagage_met_by_{name}();
CREATE TRIGGER bagage_met_change AFTER UPDATE OF {meeting.columns} ON {name}
  FOR EACH ROW WHEN ({differs}) EXECUTE FUNCTION bagage_met_by_{name}();
CREATE TRIGGER bagage_emptied AFTER TRUNCATE ON {name} EXECUTE FUNCTION bagage_emptied();
INSERT INTO bagage_door {doors.format(name)};
"""


_FUNCTIONS = (
    "bagage_join", "bagage_files", "bagage_marked", "bagage_followed", "bagage_emptied", "bagage_session_moved",
    *(f"bagage_met_by_{meeting.table}" for meeting in MEETINGS),
    # Of the wall as it was built before.
    "bagage_wide", "bagage_also", "bagage_nodes",
)  # fmt: skip
# Their triggers go with them; two tables are of the wall as it was built before.
_TAKE_DOWN = (
    "".join(f"DROP FUNCTION IF EXISTS {name} CASCADE;" for name in _FUNCTIONS)
    + "DROP TABLE IF EXISTS bagage_door, bagage_met, bagage_same;"
)


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


# Worked out once for a question, not for each row.
_WIDE = "(SELECT current_setting('bagage.reads', true) IS NOT DISTINCT FROM 'everything')"
_KEYS = "ANY ((SELECT nullif(current_setting('bagage.keys', true), '')::bigint[])::bigint[])"


def _is_seen(person: str) -> str:
    """The branch of a CASE that says whether the person with this key is seen.

    It asks by key: ``OFFSET 0`` keeps the planner from reading all that the keys open before one.
    """
    return (
        f"WHEN EXISTS (SELECT 1 FROM bagage_door d WHERE d.person_id = {person}"
        f" AND d.key = {_KEYS} AND d.until > now() OFFSET 0) THEN true"
    )


def _condition(label: str, table: type[models.Model], path: str) -> str:
    name = table._meta.db_table
    first, _, more = path.partition("__")
    if path == "pk":
        return f"CASE WHEN {_WIDE} THEN true {_is_seen(f'{name}.id')} ELSE false END"
    branches = ""
    node, site = PLACES.get(label, ("", ""))
    if node:
        branches += f" WHEN {_AT_NODE.format(f'{name}.{node}')} = {_KEYS} THEN true"
    if site:
        branches += f" WHEN {_AT_SITE.format(f'{name}.{site}')} = {_KEYS} THEN true"
    link: Any = table._meta.get_field(first)
    if more:
        # A row is seen when the row it hangs on is: that one has its own wall.
        up = f"SELECT 1 FROM {link.related_model._meta.db_table} up WHERE up.id = {name}.{link.column}"
        branches += f" WHEN EXISTS ({up} OFFSET 0) THEN true"
    else:
        branches += f" {_is_seen(f'{name}.{link.column}')}"
    return f"CASE WHEN {_WIDE} THEN true{branches} ELSE false END"


def _statements() -> list[str]:
    """All that builds the wall, in its order. Triggers come before what they keep is read: they lock the tables."""
    told = [_BESIDE, *map(_kept, MEETINGS)]
    for name, condition in walled().items():
        told.append(
            f'ALTER TABLE "{name}" ENABLE ROW LEVEL SECURITY; ALTER TABLE "{name}" FORCE ROW LEVEL SECURITY;'
            f' CREATE POLICY {POLICY} ON "{name}" FOR ALL USING ({condition}) WITH CHECK (true)'
        )
    return told


def _digest(statements: list[str]) -> str:
    return sha256("\n".join(statements).encode()).hexdigest()


def install() -> int:
    """Build the wall, or build it anew after tables or rules changed; how many tables have it."""
    told = _statements()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('bagage.reads', 'everything', true)")
        _take_down(cursor)
        for statement in told:
            cursor.execute(statement)
        cursor.execute(f"COMMENT ON TABLE bagage_door IS '{_digest(told)}'")
    return len(walled())


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
    cursor.execute(_TAKE_DOWN)


def _standing(cursor: Any) -> list[str]:
    """The tables whose wall stands now."""
    cursor.execute(
        "SELECT tablename FROM pg_policies WHERE schemaname = current_schema() AND policyname = %s", [POLICY]
    )
    return [name for (name,) in cursor.fetchall()]


def _is_whole(cursor: Any) -> bool:
    """Whether the wall stands everywhere, and as this version builds it."""
    if set(_standing(cursor)) != set(walled()):
        return False
    cursor.execute("SELECT obj_description(to_regclass('bagage_door'), 'pg_class')")
    return bool(cursor.fetchone()[0] == _digest(_statements()))


def settle() -> None:
    """Build or take down, as the settings ask, what does not stand as they ask. Two who start at once wait."""
    if connection.vendor != "postgresql":
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [POLICY])
        if is_on():
            if not _is_whole(cursor):
                install()
        elif _standing(cursor):
            remove()


def trouble() -> str:
    """Why the wall that is asked for does not hold: ``"superuser"``, ``"missing"``; ``""`` when it does, or is off."""
    if not is_on():
        return ""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        if cursor.fetchone()[0]:
            return "superuser"
        return "" if _is_whole(cursor) else "missing"


# ---------- who reads ----------

_wide: ContextVar[str] = ContextVar("bagage_wide", default="")
_guard: "ContextVar[Guard | None]" = ContextVar("bagage_guard", default=None)
# These end or begin an act; while one fails, nothing else may be said to the database.
_BOUNDARY = re.compile(r"\s*(SAVEPOINT|RELEASE|ROLLBACK)", re.IGNORECASE)
_SAY_WIDE = "SELECT set_config('bagage.reads', 'everything', false)"
_SAY_NARROW = "SELECT set_config('bagage.reads', 'user', false)"
# Her keys are worked out once for a request.
_SAY_WHO = """
WITH held AS (
  SELECT below.id, held.role = ANY (%s) AS reads_files FROM accounts_membership held
  JOIN accounts_organisation top ON top.id = held.organisation_id
  JOIN accounts_organisation below ON below.path LIKE top.path || '%%'
  WHERE held.ended_at IS NULL AND held.user_id = %s)
SELECT set_config('bagage.reads', 'user', false), set_config('bagage.keys', (
  SELECT coalesce(array_agg(key), '{}')::text FROM (
    SELECT id * 4 AS key FROM held WHERE reads_files
    UNION SELECT id * 4 + 1 FROM held
    UNION SELECT id * 4 + 2 FROM permanences_site WHERE organisation_id IN (SELECT id FROM held)) hers), false)
"""


def _reading_roles() -> list[str]:
    return sorted(str(role) for role in import_string(ROLES)(READS_FILES))


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


def was_taken_back() -> None:
    """What was said to the database went with a transaction that failed: it is said again before the next question."""
    guard = _guard.get()
    if guard is not None:
        guard.said = guard.known = None


class Guard:
    """Tells the session of the database, before each question of a request, how far it may read.

    Nothing is asked when nothing changed; what is said is no query of the page.
    """

    def __init__(self, reader: int | None) -> None:
        self.reader = reader
        # The connection itself: what stands for it is looked up with each word, thrice for each question.
        self.connection = connections[DEFAULT_DB_ALIAS]
        self.said: tuple[Any, str, int | None] | None = None
        self.known: tuple[Any, int | None] | None = None  # of whom the session knows where she works
        self.was_atomic = self.connection.in_atomic_block
        self.depth = len(self.connection.savepoint_ids)

    def is_act(self) -> bool:
        """Whether a transaction was begun since the request began."""
        if not self.connection.in_atomic_block:
            return False
        return not self.was_atomic or len(self.connection.savepoint_ids) > self.depth

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        if not _BOUNDARY.match(sql):
            is_act = self.is_act()
            if is_act:
                # It may change where she works.
                self.known = None
            is_narrow = self.reader is not None and not is_act and not _wide.get()
            self.say("user" if is_narrow else "everything")
        return execute(sql, params, many, context)

    def say(self, reads: str) -> None:
        raw = self.connection.connection
        if self.said == (raw, reads, self.reader):
            return
        if reads == "everything":
            raw.execute(_SAY_WIDE)
        elif self.known == (raw, self.reader):
            raw.execute(_SAY_NARROW)
        else:
            raw.execute(_SAY_WHO, [_reading_roles(), self.reader])
            self.known = (raw, self.reader)
        self.said = (raw, reads, self.reader)

    def leave(self) -> None:
        """The connection may serve something else now: it reads as before."""
        if self.connection.connection is None or self.said is None or self.said[1] == "everything":
            return
        try:
            self.say("everything")
        except Exception:  # in the middle of what failed: a connection in doubt is not used again
            if not self.was_atomic:
                self.connection.close()


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
