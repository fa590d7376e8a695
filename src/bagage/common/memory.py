"""What a server keeps for good is not looked through for garbage again and again."""

from __future__ import annotations

import gc
from collections.abc import Iterable
from threading import Thread

# New objects until the youngest are looked through, such looks until older ones are. Python's own (700, 10, 10)
# looks through all that was loaded every few pages: 20 to 45 ms, and it is always somebody's page.
THRESHOLDS = (20_000, 50, 50)


def settle() -> None:
    """What is loaded by now stays, and what comes is looked through more seldom."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)


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
