"""Who may do what with the house as a whole."""

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import User


def can_keep_backups(user: User) -> bool:
    """Administrators of the whole installation: those whose role stands at the root."""
    return user.can(Ability.RUN_HOUSE) and any(node.depth == 1 for node in user.nodes(Ability.RUN_HOUSE))
