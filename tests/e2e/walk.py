"""Someone at a screen: what she touches and types is counted, and each screen she meets is examined.

A screen is examined when it is named (:meth:`Visitor.screen`): axe-core finds nothing in light, nor on a phone in dark
(colours are the same at every width); it does not scroll sideways; its console is silent. With ``BAGAGE_PICTURES`` set
to a folder, some screens are kept as pictures.
"""

import os
import re
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import zxingcpp
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Locator, expect

from bagage.demo.network import PASSWORD

# All rules of WCAG 2.2 AA in light; in dark, on the same page, the ones that depend on colours.
RULES: dict[Literal["light", "dark"], list[str]] = {
    "light": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "dark": ["color-contrast", "link-in-text-block"],
}
HEIGHTS = {360: 780, 1280: 900}
# Told by the browser when the server refuses on purpose.
REFUSED = "Failed to load resource: the server responded with a status of 4"
# Told by htmx when a page is left while a part of it was being renewed; a lost network is told otherwise.
LEFT = ("htmx:afterRequest, ", "htmx:sendAbort, ")
# Counts what hands do, in the tab itself, so that the count lives from page to page.
COUNTER = """
(() => {
  const add = (name) => sessionStorage.setItem(name, Number(sessionStorage.getItem(name) || 0) + 1);
  document.addEventListener("pointerdown", () => add("hands-taps"), true);
  document.addEventListener("beforeinput", (event) => { if (event.data) add("hands-signs"); }, true);
  document.addEventListener("keydown", (event) => { if (event.key.length > 1) add("hands-keys"); }, true);
})();
"""
WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


class Visitor:
    """One person with a browser of her own, on a phone (360) or at a desk (1280)."""

    def __init__(self, browser: Browser, url: str, width: int, *, has_script: bool = True) -> None:
        self.url, self.width, self.has_script = url, width, has_script
        self.context = browser.new_context(
            base_url=url,
            viewport={"width": width, "height": HEIGHTS[width]},
            has_touch=width == 360,
            java_script_enabled=has_script,
            locale="fr-FR",
            timezone_id="Europe/Paris",
            reduced_motion="reduce",
        )
        self.context.set_default_timeout(15_000)
        self.context.add_init_script(COUNTER)
        self.page = self.context.new_page()
        self.said: list[str] = []
        self.is_cut = False
        # Off while she walks a way whose screens another walk examines at the same width.
        self.examines = True
        self.screens: list[str] = []
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.said.append(str(error)))

    def _note(self, message: ConsoleMessage) -> None:
        if (
            message.type in {"error", "warning"}
            and not self.is_cut
            and not message.text.startswith((REFUSED, *LEFT))
        ):
            self.said.append(message.text)

    # ---------- going about ----------
    def sign_in(self, name: str) -> None:
        """By user name and password, as anyone does."""
        self.page.goto("/accounts/login/")
        self.page.fill("#id_login", name)
        self.page.fill("#id_password", PASSWORD)
        self.page.get_by_role("button", name="Se connecter", exact=True).click()
        self.page.wait_for_url(lambda address: "/login/" not in address)

    def touch(self, target: Locator) -> None:
        """With a finger or with the mouse."""
        if self.width == 360:
            target.tap()
        else:
            target.click()

    def choose(self, label: str, *, within: str = "main") -> None:
        """Touch one of the answers that are drawn as buttons."""
        self.touch(self.page.locator(f"{within} label.choice", has_text=label).first)

    def field(self, label: str) -> Locator:
        """The field whose label begins so."""
        return (
            self.page.locator("main")
            .locator("input, textarea")
            .and_(self.page.get_by_label(re.compile(f"^{re.escape(label)}")))
        )

    def write(self, label: str, text: str) -> None:
        """Type into a field, letter by letter."""
        field = self.field(label).and_(
            self.page.locator("textarea, input:not([type=checkbox], [type=radio])")
        )
        self.touch(field)
        field.evaluate("one => one.value && one.setSelectionRange(one.value.length, one.value.length)")
        field.press_sequentially(text)

    def press(self, name: str, *, within: str = "main", exact: bool = False) -> None:
        """Touch a button, and wait for what comes: another page, or a part of this one."""
        button = self.page.locator(within).get_by_role("button", name=name, exact=exact).first
        if self.has_script and button.evaluate("one => Boolean(one.closest('[hx-post], [hx-get]'))"):
            with self.page.expect_response(lambda answer: answer.request.method == "POST"):
                self.touch(button)
            self.page.wait_for_load_state("networkidle")
        else:
            with self.page.expect_navigation():
                self.touch(button)

    def follow(self, name: str, *, within: str = "main") -> None:
        """Touch a link, and wait for its page."""
        with self.page.expect_navigation():
            self.touch(self.page.locator(within).get_by_role("link", name=name).first)

    def sees(self, text: str) -> None:
        """A text stands on the page."""
        expect(self.page.locator("body")).to_contain_text(text)

    def hands(self) -> dict[str, int]:
        """What was touched and typed in this tab so far: taps, signs, other keys."""
        return {
            name: int(self.page.evaluate(f"sessionStorage.getItem('hands-{name}') || 0"))
            for name in ("taps", "signs", "keys")
        }

    @contextmanager
    def cut_off(self) -> Iterator[None]:
        """Without network; the browser complains of that."""
        self.is_cut = True
        self.context.set_offline(True)
        yield
        self.context.set_offline(False)
        self.is_cut = False

    # ---------- looking ----------
    def screen(self, name: str, *, picture: bool = False) -> None:
        """Examine the page as it stands."""
        self.screens.append(name)
        where = f"{name} at {self.width} px ({self.page.url.removeprefix(self.url)})"
        assert self.said == [], f"the console of {where}: {self.said}"
        if not self.has_script or not self.examines:
            return
        # The bar at the foot of a phone may lie half over a button; at the end of the page nothing is under it.
        for _again in range(2):
            # What comes while one waits makes the page longer.
            self.page.wait_for_load_state("networkidle")
            self.page.evaluate("() => scrollTo({ top: document.body.scrollHeight, behavior: 'instant' })")
        assert self.page.evaluate(WIDE) <= 0, f"{where} scrolls sideways"
        for theme, rules in RULES.items():
            if theme == "dark" and self.width != 360:
                continue
            self.page.emulate_media(color_scheme=theme)
            options = {"runOnly": rules, "resultTypes": ["violations"]}
            if theme == "light":
                found = Axe().run(self.page, options=options).response
            else:
                found = self.page.evaluate("options => axe.run(document, options)", options)
            lines = [
                f"{rule['id']}: {node['target']} {node['html'][:160]}"
                for rule in found["violations"]
                for node in rule["nodes"]
            ]
            assert lines == [], f"{where}, {theme}: " + "\n".join(lines)
        self.page.emulate_media(color_scheme="light")
        if picture:
            self.keep_picture(name)

    def keep_picture(self, name: str) -> None:
        """For the README, when a folder was given."""
        folder = os.environ.get("BAGAGE_PICTURES", "")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.evaluate("() => { document.activeElement.blur(); scrollTo(0, 0); }")
            self.page.screenshot(path=Path(folder) / f"{name}-{self.width}.png", caret="initial")

    def scan(self, drawing: Locator) -> list[str]:
        """What a phone reads on a code that is drawn on the page."""
        drawing.scroll_into_view_if_needed()
        # Hiding the caret would add a style to the page, which the page forbids.
        found = zxingcpp.read_barcodes(_grey(drawing.screenshot(caret="initial")))
        return [one.text for one in found]

    def leave(self) -> None:
        """Close the browser; its console said nothing to the end."""
        self.context.close()
        assert self.said == [], str(self.said)


def _grey(png: bytes) -> memoryview:
    """The pixels of a PNG file of 8 bits a channel, as one byte each (of the red channel: codes are black on white)."""
    width, height, depth, kind = struct.unpack(">IIBB", png[16:26])
    assert (depth, kind) in {(8, 2), (8, 6)}
    step = 3 if kind == 2 else 4
    at, packed = 8, b""
    while at < len(png):
        (size,) = struct.unpack(">I", png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            packed += png[at + 8 : at + 8 + size]
        at += size + 12
    raw, stride = zlib.decompress(packed), width * step
    above, pixels = bytearray(stride), bytearray()
    for row in range(height):
        start = row * (stride + 1)
        filtered, line = raw[start], bytearray(raw[start + 1 : start + 1 + stride])
        for index in range(stride):
            left = line[index - step] if index >= step else 0
            corner = above[index - step] if index >= step else 0
            line[index] = (line[index] + _predicted(filtered, left, above[index], corner)) & 255
        pixels += line[::step]
        above = line
    return memoryview(pixels).cast("B", (height, width))


def _predicted(kind: int, left: int, up: int, corner: int) -> int:
    """What a filter of the PNG format foresees for a byte."""
    if kind == 4:
        guess = left + up - corner
        return min((left, up, corner), key=lambda value: abs(guess - value))
    return (0, left, up, (left + up) // 2)[kind]
