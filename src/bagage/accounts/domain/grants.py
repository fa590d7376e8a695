"""Which role can be given on which kind of node, without a database.

Who refers works for an organisation that refers or partners; everyone else works for the network, a city or a
permanence. So nobody reads files because of a role written on the wrong line.
"""

from bagage.accounts.domain.roles import Role

OUTSIDE = frozenset({"referring", "partner"})
INSIDE = frozenset({"network", "antenna", "permanence"})

# What may hang under what.
CHILDREN: dict[str, tuple[str, ...]] = {
    "network": ("antenna", "permanence", "referring", "partner"),
    "antenna": ("permanence", "referring", "partner"),
    "permanence": (),
    "referring": (),
    "partner": (),
}


def roles_of_kind(kind: str) -> tuple[Role, ...]:
    """The roles that can be given on a node of this kind, in the order in which a list shows them."""
    if kind in OUTSIDE:
        return (Role.REFERRER,)
    return tuple(role for role in Role if role is not Role.REFERRER)


def fits(role: Role, kind: str) -> bool:
    """Whether the role can be given on a node of this kind."""
    return role in roles_of_kind(kind)
