"""What is left of what she bought, as the search holds it: amounts of one resource, and until when they live.

A stock is a tuple of pairs ``(end, left)``, ends ascending, ``left`` descending: ``left`` is what lives to ``end`` or
beyond (``end`` is the first day on which it is gone), so the first pair tells the whole. Amounts that can never be used
before they end are cut when they come in; what remains is then all used, the earliest-ending first, which is the
operator's order.
"""

Stock = tuple[tuple[int, int], ...]

EMPTY: Stock = ()


def whole(stock: Stock) -> int:
    """All that is left."""
    return stock[0][1] if stock else 0


def ending_by(stock: Stock, end: int) -> int:
    """What is left and ends on day ``end`` or before."""
    if not stock:
        return 0
    for ends, left in stock:
        if ends > end:
            return stock[0][1] - left
    return stock[0][1]


def add(stock: Stock, amount: int, end: int, day: int, use: int) -> Stock:
    """The stock at the start of ``day`` with an amount that lives to ``end``, cut at what ``use`` a day can consume."""
    if not amount:
        return stock
    if not stock:
        most = use * (end - day)
        return ((end, amount if amount < most else most),)
    kept: list[tuple[int, int]] = []  # (end, what ends by then), cut
    before = 0
    total = stock[0][1]
    told = 0  # what ended by the pair before, uncut, the new amount aside
    come = False
    count = len(stock)
    for place in range(count):
        ends = stock[place][0]
        ended = total - (stock[place + 1][1] if place + 1 < count else 0)
        if not come and ends >= end:
            come = True
            if ends > end:
                before = min(before + amount, use * (end - day))
                kept.append((end, before))
                before = min(before + ended - told, use * (ends - day))
            else:
                before = min(before + ended - told + amount, use * (ends - day))
        else:
            before = min(before + ended - told, use * (ends - day))
        kept.append((ends, before))
        told = ended
    if not come:
        before = min(before + amount, use * (end - day))
        kept.append((end, before))
    pairs = []
    ended = 0
    first = 0
    for place in range(len(kept) - 1, 0, -1):
        if kept[place][1] >= use * (kept[place][0] - day):
            first = place
            break
    for ends, until in kept[first:] if first else kept:
        if until > ended:
            pairs.append((ends, before - ended))
            ended = until
    return tuple(pairs)


def after_use(stock: Stock, used: int, next_day: int) -> Stock:
    """The stock at the start of ``next_day`` when ``used`` (at most the whole) was taken, the earliest-ending first."""
    if not stock:
        return stock
    left = stock[0][1] - used
    if left <= 0:
        return EMPTY
    first = 0
    count = len(stock)
    # What the day took came from the earliest ends: the pairs before the first that still holds some are gone.
    while first + 1 < count and stock[first + 1][1] >= left:
        first += 1
    if not used and not first and stock[0][0] > next_day:
        return stock
    pairs = [(stock[first][0], left), *stock[first + 1 :]]
    while pairs and pairs[0][0] <= next_day:
        del pairs[0]
    return tuple(pairs)


def lasts(stock: Stock, end: int, day: int, use: int) -> bool:
    """Whether what is left serves every day until its first end, which is ``end`` or later."""
    ends, left = stock[0]
    if ends < end:
        return False
    return (left - stock[1][1] if len(stock) > 1 else left) >= use * (ends - day)


def covers(more: Stock, less: Stock) -> bool:
    """Whether ``more`` has, for every day, at least as much that lives to it or beyond."""
    place, count = 0, len(more)
    for ends, left in less:
        while place < count and more[place][0] < ends:
            place += 1
        if place == count or more[place][1] < left:
            return False
    return True


def lacking(more: Stock, less: Stock) -> int:
    """How much more of ``less`` lives to some day or beyond than of ``more``, at the most."""
    most = place = 0
    count = len(more)
    for ends, left in less:
        while place < count and more[place][0] < ends:
            place += 1
        if place < count:
            left -= more[place][1]
        if left > most:
            most = left
    return most


def covers_with(more: Stock, less: Stock, owed: int, until: int) -> bool:
    """Whether ``more`` covers ``less`` and ``owed`` besides, which lives to ``until``."""
    if not owed:
        return not less or covers(more, less)
    place, count = 0, len(more)
    for ends, left in (*less, (until, 0)):
        if ends > until:
            continue
        while place < count and more[place][0] < ends:
            place += 1
        last = 0
        for end, amount in less:
            if end >= until:
                last = amount
                break
        wanted = (left if ends < until else last) + owed
        if place == count or more[place][1] < wanted:
            return False
    return not less or covers(more, less)
