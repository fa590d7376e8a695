"""Looks at pages: PNG files at 360 and 1280 px, light and dark, and what axe-core finds.

    python -m tests.shots http://127.0.0.1:8000 / /people/ --user helene --password secret --out /tmp/shots

Options: ``--widths 360,1280``, ``--themes light,dark``, ``--lang en``, ``--no-axe``, ``--no-js`` (JavaScript off),
``--viewport`` (only what fits the window, not the whole page). Prints one line a file, one a violation that axe
found, an error of the console or a page that scrolls sideways. Leaves with 1 if there was any.
"""

import argparse
import re
import sys
from pathlib import Path

from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tests.browser import executable

HEIGHTS = {360: 780, 1280: 900}


def sign_in(page: Page, base: str, user: str, password: str) -> None:
    """Fills the sign-in page and sends it."""
    page.goto(f"{base}/accounts/login/")
    page.fill('input[name="login"]', user)
    page.fill('input[name="password"]', password)
    page.press('input[name="password"]', "Enter")
    page.wait_for_load_state("networkidle")


def axe_findings(page: Page) -> list[str]:
    """One line a violation of WCAG 2.2 AA."""
    from axe_playwright_python.sync_playwright import Axe

    options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
    results = Axe().run(page, options=options).response
    lines = []
    for violation in results["violations"]:
        for node in violation["nodes"]:
            lines.append(f"{violation['id']} ({violation['impact']}): {node['target']} {node['html'][:140]}")
    return lines


def listen(page: Page) -> list[str]:
    """The errors that the console will tell, but for the status of the page itself."""
    said: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and message.location.get("url") != page.url:
            said.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


def shoot(browser: Browser, arguments: argparse.Namespace) -> int:
    """Takes every picture asked for; gives back how many troubles there were."""
    base = arguments.base.rstrip("/")
    out = Path(arguments.out)
    out.mkdir(parents=True, exist_ok=True)
    troubles = 0
    for theme in arguments.themes.split(","):
        context = browser.new_context(
            color_scheme=theme,
            java_script_enabled=not arguments.no_js,
            locale=arguments.lang,
            bypass_csp=False,
            reduced_motion="reduce",
        )
        page = context.new_page()
        said = listen(page)
        if arguments.user:
            sign_in(page, base, arguments.user, arguments.password)
        for path in arguments.paths or ["/"]:
            for width in (int(part) for part in arguments.widths.split(",")):
                page.set_viewport_size({"width": width, "height": HEIGHTS.get(width, 900)})
                said.clear()
                answer = page.goto(base + path)
                page.wait_for_load_state("networkidle")
                name = re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-") or "home"
                file = out / f"{name}-{width}-{theme}{'-nojs' if arguments.no_js else ''}.png"
                page.screenshot(path=file, full_page=not arguments.viewport)
                status = answer.status if answer else 0
                print(f"{status} {file}")
                found = [f"console: {line}" for line in said]
                if not arguments.no_js:
                    wide = page.evaluate(
                        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
                    )
                    if wide > 0:
                        found.append(f"scrolls sideways by {wide} px")
                    if not arguments.no_axe:
                        found += [f"axe: {line}" for line in axe_findings(page)]
                for line in found:
                    print(f"  {line}")
                troubles += len(found)
        context.close()
    return troubles


def main() -> int:
    """Reads the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("base")
    parser.add_argument("paths", nargs="*")
    parser.add_argument("--user", default="")
    parser.add_argument("--password", default="")
    parser.add_argument("--out", default="shots")
    parser.add_argument("--widths", default="360,1280")
    parser.add_argument("--themes", default="light,dark")
    parser.add_argument("--lang", default="fr-FR")
    parser.add_argument("--no-axe", action="store_true")
    parser.add_argument("--no-js", action="store_true")
    parser.add_argument("--viewport", action="store_true")
    arguments = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable(), args=["--no-sandbox", "--disable-gpu"]
        )
        try:
            return 1 if shoot(browser, arguments) else 0
        finally:
            browser.close()


if __name__ == "__main__":
    sys.exit(main())
