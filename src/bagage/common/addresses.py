"""Addresses of pages, worked out once: a day's list has some sixty, alike but for the key of a row.

Django looks through the patterns of a page and tries them for each address, fifty microseconds every time. An address
that holds nothing but keys (UUIDs) is worked out once with keys that no row has, and these are replaced. The tag
``url`` of all templates asks here (``templatetags/addresses.py``).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.urls import get_script_prefix, get_urlconf, reverse

STAND_INS = [UUID(int=0xBA6A6E << 100 | number) for number in range(1, 5)]


def address(name: str, *args: Any, **values: Any) -> str:
    """The address of a page, as ``reverse`` gives it; raises ``NoReverseMatch`` as it does."""
    keys = (*args, *values.values())
    if len(keys) > len(STAND_INS) or any(type(one) is not UUID for one in keys):
        return reverse(name, args=args or None, kwargs=values or None)
    urls = get_urlconf() or settings.ROOT_URLCONF
    found = _with_stand_ins(name, len(args), tuple(values), urls, get_script_prefix())
    for stand_in, key in zip(STAND_INS, keys, strict=False):
        found = found.replace(str(stand_in), str(key))
    return found


@lru_cache(maxsize=2_000)
def _with_stand_ins(name: str, args: int, names: tuple[str, ...], urls: Any, prefix: str) -> str:
    values = dict(zip(names, STAND_INS[args:], strict=False))
    return reverse(name, urlconf=urls, args=STAND_INS[:args] or None, kwargs=values or None)
