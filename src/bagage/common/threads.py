"""What Django keeps for each task, kept for each thread: Bagage is served by threads, and by nothing else.

Which language, which time zone, which connection: a page asks some eight hundred times. Django keeps them so that
coroutines may ask too (``asgiref.local.Local``), which takes twenty times as long as a thread's own: for Today and a
person's file two to three milliseconds of forty. No view here is a coroutine.
"""

import threading
from typing import Any

from django.core.cache import caches
from django.db import connections
from django.urls import base as addresses
from django.utils import timezone
from django.utils.translation import trans_real

# Where Django keeps them, and under which name: its own, so a test says at once if a new version moves one.
KEPT: tuple[tuple[Any, str], ...] = (
    (connections, "_connections"),
    (caches, "_connections"),
    (addresses, "_prefixes"),
    (addresses, "_urlconfs"),
    (timezone, "_active"),
    (trans_real, "_active"),
)


def keep_for_threads() -> None:
    """Once, when Django has loaded: nothing was said of any thread by then but, maybe, its open connections."""
    opened = {one.alias: one for one in connections.all(initialized_only=True)}
    for holder, name in KEPT:
        if not isinstance(getattr(holder, name), threading.local):
            setattr(holder, name, threading.local())
    for alias, connection in opened.items():
        connections[alias] = connection
