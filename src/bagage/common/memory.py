"""What a server keeps for good is not looked through for garbage again and again, and never while a page is made."""

from __future__ import annotations

import gc
from collections.abc import Iterable
from itertools import count
from threading import Thread

from django.core.signals import request_finished

# Python's own (700, 10, 10) looks through all that was loaded every few pages, for 20 to 45 ms; looking through what
# twenty thousand new objects left takes 7. It is always somebody's page: so it is done after one, when she has her
# answer, and in the middle of one only where that makes as many objects as a long list taken away as a file.
THRESHOLDS = (200_000, 50, 50)
# After a page: worth it for so many new objects; older ones each fiftieth time, all but the kept each 2,500th.
WORTH = 2_000
_times = count(1)


def settle() -> None:
    """What is loaded by now stays, and what comes is looked through between two pages."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
    request_finished.connect(tidy, dispatch_uid="bagage.memory")


def tidy(**more: object) -> None:
    """Look through what the page left behind."""
    if gc.get_count()[0] < WORTH:
        return
    time = next(_times)
    gc.collect(2 if time % 2_500 == 0 else 1 if time % 50 == 0 else 0)


def settle_after(readers: Iterable[Thread]) -> Thread:
    """The same once these have ended, beside whatever else goes on."""
    waited = list(readers)

    def wait() -> None:
        for reader in waited:
            reader.join()
        settle()

    thread = Thread(target=wait, name="settle", daemon=True)
    thread.start()
    return thread
