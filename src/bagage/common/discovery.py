"""Modules of one name that each activity may have, in which it says something of itself: its jobs, its imports…"""

from functools import cache

from django.utils.module_loading import autodiscover_modules


@cache
def discover(name: str) -> None:
    """Import ``<activity>.name`` of each activity that has one.

    Once for each process: to look for the modules that an activity does not have takes milliseconds.
    """
    autodiscover_modules(name)
