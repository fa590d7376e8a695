"""Who may bring in files, and which."""

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import Organisation, User
from bagage.imports.kinds import Kind, kind_named, kinds_for
from bagage.imports.models import Batch


def can_import(user: User) -> bool:
    """Whoever brings in data, of some kind: local officers, programme leads, administrators."""
    return bool(kinds_for(user))


def can_import_kind(user: User, kind: Kind) -> bool:
    """Who brings in data and may do by hand what the kind writes: open files, run organisations, accounts, rights."""
    return user.can(Ability.IMPORT_DATA) and user.can(kind.ability)


def can_import_at(user: User, kind: Kind, node: Organisation) -> bool:
    """The same, at that node of the tree."""
    return (
        node.kind in kind.node_kinds and user.can(Ability.IMPORT_DATA, node) and user.can(kind.ability, node)
    )


def can_run_batch(user: User, batch: Batch) -> bool:
    """Who may bring such a file there: reading it, mending it, writing it, undoing it."""
    return can_import_at(user, kind_named(batch.kind), batch.node)


def nodes_for(user: User, kind: Kind) -> list[Organisation]:
    """The nodes at which someone may bring in such a file, in the order of the tree."""
    able = user.node_ids(kind.ability)
    return [
        node
        for node in user.nodes(Ability.IMPORT_DATA)
        if node.pk in able and node.is_open and node.kind in kind.node_kinds
    ]
