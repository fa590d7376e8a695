"""Who may look at the panorama."""

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import User


def can_see_panorama(user: User) -> bool:
    """Who welcomes, who reads files, who works with organisations around; not who only refers, nor logistics."""
    return user.can(Ability.WELCOME) or user.can(Ability.READ_FILE) or user.can(Ability.RUN_REFERRERS)
