"""What each of several causes, which act together, is to be charged of their common effect."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import combinations
from math import comb


def shapley_shares(players: Sequence[str], worth: Mapping[frozenset[str], int]) -> dict[str, int]:
    """Each player's Shapley value of ``worth``, in whole cents that sum to the worth of all together.

    ``worth`` holds every subset, the empty one with 0. The exact values are fractions; they are cut to whole cents and
    the cents left over go to the largest remainders, the first player first among equals.
    (L. S. Shapley, "A value for n-person games", 1953.)
    """
    count = len(players)
    exact: dict[str, Fraction] = {}
    for player in players:
        others = [other for other in players if other != player]
        total = Fraction(0)
        for size in range(count):
            gained = sum(
                worth[frozenset((*group, player))] - worth[frozenset(group)]
                for group in combinations(others, size)
            )
            total += Fraction(gained, comb(count - 1, size))
        exact[player] = total / count
    shares = {player: value.numerator // value.denominator for player, value in exact.items()}
    left = worth[frozenset(players)] - sum(shares.values())
    by_remainder = sorted(players, key=lambda player: shares[player] - exact[player])
    for player in by_remainder[:left]:
        shares[player] += 1
    return shares
