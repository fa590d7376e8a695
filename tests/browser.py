"""A real browser for tests: Chromium, without what a sandbox of a container forbids."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections
from playwright.sync_api import Browser, sync_playwright

# The first that is there. Without its windows it opens a page in a third of the time, and draws it alike.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]


def executable() -> str:
    """Where the browser is. Raises :class:`RuntimeError`, which says what to install."""
    found = next((path for path in map(shutil.which, NAMES) if path), None)
    if found is None:
        raise RuntimeError("The tests need a Chromium (Debian: apt-get install chromium-headless-shell).")
    return found


@contextmanager
def chromium() -> Iterator[Browser]:
    """Chromium, stopped at the end.

    Playwright leaves an event loop running in this thread. Django would then refuse every query, and give the thread
    other connections than those of the tests: nothing is shared between the two here, so it is told to let queries
    through, and given the same connections, as long as the browser lives.
    """
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    ours = {alias: connections[alias] for alias in connections}
    try:
        with sync_playwright() as playwright:
            for alias, connection in ours.items():
                connections[alias] = connection
            browser = playwright.chromium.launch(executable_path=executable(), args=ARGUMENTS)
            try:
                yield browser
            finally:
                browser.close()
    finally:
        if before is None:
            del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
        else:
            os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before
