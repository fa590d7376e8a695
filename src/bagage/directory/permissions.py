"""Who may look at the panorama."""

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import User


def can_see_panorama(user: User) -> bool:
    """Who welcomes, who reads files, who works with organisations around; not who only refers, nor logistics."""
    return user.can(Ability.WELCOME) or user.can(Ability.READ_FILE) or user.can(Ability.RUN_REFERRERS)


def can_keep_panorama(user: User) -> bool:
    """Who works with organisations around, or brings data in: sources, corrections, what places say of themselves."""
    return user.can(Ability.RUN_REFERRERS) or user.can(Ability.IMPORT_DATA)
