"""The poverty premium: what someone pays more because of what she lacks, and what each lack costs her."""

from collections.abc import Callable, Sequence
from itertools import combinations

from bagage.connection.domain.answer import ObstaclePrice, Premium
from bagage.connection.domain.shapley import shapley_shares

# The best cost with some obstacles lifted, one being had with fewer (None: none is); and whether that is proven.
BestCost = Callable[[frozenset[str], int | None], tuple[int | None, bool]]


def poverty_premium(lacks: Sequence[str], acting: Sequence[str], best_cost: BestCost) -> Premium:
    """The premium of all obstacles in ``lacks``, of which only those in ``acting`` can change any cost.

    Every set of acting obstacles is asked once, the smaller first: lifting more never costs more, so the best of its
    parts is where a set begins. Where no cost is had with what she has, the smallest sets that open one are told.
    """
    costs: dict[frozenset[str], int | None] = {}
    proven = True
    for size in range(len(acting) + 1):
        for group in combinations(acting, size):
            lifted = frozenset(group)
            parts = [costs[lifted - {each}] for each in group]
            cost, sure = best_cost(lifted, min((part for part in parts if part is not None), default=None))
            costs[lifted] = cost
            proven = proven and sure
    nothing, everything = costs[frozenset()], costs[frozenset(acting)]
    if nothing is None or everything is None:
        opening = [lifted for lifted, cost in costs.items() if cost is not None]
        least = min(map(len, opening), default=0)
        # Without proof, a cost that is not known may be had all the same: nothing is said to open it.
        return Premium(
            None,
            tuple(ObstaclePrice(each, None, None) for each in lacks),
            tuple(lifted for lifted in opening if len(lifted) == least) if nothing is None and proven else (),
            nothing,
            everything,
            proven,
        )
    gains = {lifted: nothing - (cost or 0) for lifted, cost in costs.items()}
    shares = shapley_shares(acting, gains)
    return Premium(
        nothing - everything,
        tuple(ObstaclePrice(each, gains.get(frozenset({each}), 0), shares.get(each, 0)) for each in lacks),
        (),
        nothing,
        everything,
        proven,
    )
