"""What a subscription costs over a horizon: months paid in full, what goes beyond charged, months still owed."""

from collections.abc import Mapping
from dataclasses import dataclass

from bagage.connection.domain.money import half_up
from bagage.connection.domain.programme import Offer
from bagage.connection.domain.task import MONTH


@dataclass(frozen=True)
class PlanCost:
    """Cents: ``total`` with SIM, overage and months still owed; ``day_0`` with the SIM; ``days`` of its payments."""

    total: int
    day_0: int
    days: tuple[int, ...]
    overage: int
    owed_after: int


def lacking(offer: Offer, usage: Mapping[str, int], *, horizon: int, scale: int) -> tuple[str, ...]:
    """The resources that the plan cannot serve: use beyond the allowance of its first month, and no price for it."""
    return tuple(
        resource
        for resource, use in usage.items()
        if use and resource not in offer.overage and _beyond(offer, resource, use, min(MONTH, horizon), scale)
    )


def plan_cost(
    offer: Offer, usage: Mapping[str, int], *, sim: int, horizon: int, scale: int
) -> PlanCost | None:
    """The cost of a plan over ``horizon`` days, ``usage`` being a day's use × ``scale``; None when it cannot serve.

    Overage is summed exactly for a resource and a 30-day period (the last may be shorter), then rounded half up.
    """
    days = tuple(range(0, horizon, MONTH))
    overage = 0
    for start in days:
        length = min(MONTH, horizon - start)
        for resource, use in usage.items():
            beyond = _beyond(offer, resource, use, length, scale)
            if beyond:
                if resource not in offer.overage:
                    return None
                overage += half_up(beyond * offer.overage[resource], 100 * scale)
    owed = max(0, offer.commitment_months - len(days)) * offer.price
    return PlanCost(sim + len(days) * offer.price + overage + owed, sim + offer.price, days, overage, owed)


def _beyond(offer: Offer, resource: str, use: int, days: int, scale: int) -> int:
    """What ``days`` of use take beyond the allowance, times ``scale``."""
    allowance = offer.allowances.get(resource, 0)
    return 0 if allowance is None else max(0, use * days - allowance * scale)
