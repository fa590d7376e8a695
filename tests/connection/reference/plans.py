"""What a subscription costs over the horizon."""

from fractions import Fraction
from typing import Any

from tests.connection.reference.reading import MONTH, UNIT, UNLIMITED, cents, half_up, hundredths


def plan_cost(offer: dict[str, Any], need: dict[str, int], horizon: int) -> tuple[int | None, int, int, str]:
    """(total without the SIM in cents, months paid within the horizon, monthly price, resource that fails).

    Months of a commitment that lie past the horizon are in the total and are not counted as purchases. The total is
    None when something beyond the allowance is used and has no price; the resource is then named.
    """
    price = cents(offer["price"])
    months = -(-horizon // MONTH)
    total = price * max(months, offer.get("commitment_months", 0) or 0)
    for start in range(0, horizon, MONTH):
        days = min(MONTH, horizon - start)
        for name, daily in need.items():
            allowance = offer.get("allowances", {}).get(name, 0)
            if allowance == UNLIMITED:
                continue
            beyond = daily * days - allowance * UNIT
            if beyond <= 0:
                continue
            unit = offer.get("overage", {}).get(name)
            if unit is None:
                return None, months, price, name
            total += half_up(Fraction(beyond, UNIT) * Fraction(hundredths(unit), 100))
    return total, months, price, ""
