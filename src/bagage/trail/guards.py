"""What the database itself refuses, whoever asks: the SQL of the triggers that keep the trail append-only.

* an entry is added only at the end of the chain of an open segment, never changed, and deleted only with its whole
  segment once that is dropped;
* a segment moves on by one entry at a time, is never unsealed or restored, never deleted.

``TRUNCATE`` on PostgreSQL is not refused: it needs the rights of the owner, who could drop the triggers as well.
``bagage verify_trail`` then says what is missing.
"""

from typing import Final

NAMES: Final = (
    "trail_entry_no_change",
    "trail_entry_no_delete",
    "trail_entry_at_the_end",
    "trail_segment_forward",
    "trail_segment_no_delete",
)

# Condition under which a change of a segment is refused; NEW and OLD read the same in both databases.
_SEGMENT_BACKWARD = """
    NEW.id <> OLD.id OR NEW.place <> OLD.place OR NEW.month <> OLD.month
    OR (OLD.sealed_at IS NOT NULL AND (
        NEW.sealed_at IS NULL OR NEW.sealed_at <> OLD.sealed_at
        OR NEW.last_seq <> OLD.last_seq OR NEW.last_hash <> OLD.last_hash))
    OR (OLD.dropped_at IS NOT NULL AND (NEW.dropped_at IS NULL OR NEW.dropped_at <> OLD.dropped_at))
    OR (NEW.last_seq = OLD.last_seq AND NEW.last_hash <> OLD.last_hash)
    OR (NEW.last_seq <> OLD.last_seq AND (NEW.last_seq <> OLD.last_seq + 1 OR NOT EXISTS (
        SELECT 1 FROM trail_entry e
        WHERE e.segment_id = NEW.id AND e.seq = NEW.last_seq AND e.hash = NEW.last_hash)))
"""
_NOT_AT_THE_END = """
    NOT EXISTS (
        SELECT 1 FROM trail_segment s
        WHERE s.id = NEW.segment_id AND s.sealed_at IS NULL
        AND s.last_seq + 1 = NEW.seq AND s.last_hash = NEW.previous)
"""
_NOT_DROPPED = (
    "NOT EXISTS (SELECT 1 FROM trail_segment s WHERE s.id = OLD.segment_id AND s.dropped_at IS NOT NULL)"
)

_RULES = (
    ("trail_entry_no_change", "UPDATE", "trail_entry", "", "an entry of the trail is never changed"),
    (
        "trail_entry_no_delete",
        "DELETE",
        "trail_entry",
        _NOT_DROPPED,
        "an entry of the trail goes only with its whole dropped segment",
    ),
    (
        "trail_entry_at_the_end",
        "INSERT",
        "trail_entry",
        _NOT_AT_THE_END,
        "an entry of the trail is added only at the end of an open segment",
    ),
    (
        "trail_segment_forward",
        "UPDATE",
        "trail_segment",
        _SEGMENT_BACKWARD,
        "a segment of the trail only moves forward",
    ),
    ("trail_segment_no_delete", "DELETE", "trail_segment", "", "a segment of the trail is never deleted"),
)


def sqlite_guards() -> list[str]:
    """The statements that set the triggers up on SQLite."""
    return [
        f"CREATE TRIGGER {name} BEFORE {verb} ON {table}"
        + (f" WHEN {condition}" if condition else "")
        + f" BEGIN SELECT RAISE(ABORT, '{message}'); END"
        for name, verb, table, condition, message in _RULES
    ]


def postgresql_guards() -> list[str]:
    """The statements that set the triggers up on PostgreSQL: a function for each, since a WHEN cannot query there."""
    statements = []
    for name, verb, table, condition, message in _RULES:
        refuse = f"RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation';"
        body = f"IF {condition} THEN {refuse} END IF;" if condition else refuse
        kept = "OLD" if verb == "DELETE" else "NEW"
        statements.append(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN {kept}; END $$"
        )
        statements.append(
            f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
        )
    return statements


def removed_guards(vendor: str) -> list[str]:
    """The statements that take the triggers away again."""
    if vendor == "sqlite":
        return [f"DROP TRIGGER {name}" for name, *_ in _RULES]
    return [
        statement
        for name, _, table, *_ in _RULES
        for statement in (f"DROP TRIGGER {name} ON {table}", f"DROP FUNCTION {name}()")
    ]
