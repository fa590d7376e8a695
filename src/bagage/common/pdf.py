"""PDF files for paper, drawn by Typst: the same data gives the same bytes.

A template is a ``.typ`` file among the templates of an activity. What persons typed reaches it as data
(``json("data.json")``), never as markup, so that nothing in a name can be read as an instruction.
"""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import typst
from django.core.serializers.json import DjangoJSONEncoder
from django.template import TemplateDoesNotExist, engines

from bagage.common.templatetags.bagage import POCKETS, checked_state

HERE = Path(__file__).resolve().parent
FONTS = HERE / "fonts"
SIGN = HERE / "static" / "bagage" / "sign.svg"
ICONS = HERE / "static" / "bagage" / "icons.svg"
PAPER, INK = "#ffffff", "#111111"


def template_bytes(name: str) -> bytes:
    """The text of a template, looked for where Django looks for HTML templates."""
    for loader in engines["django"].engine.template_loaders:  # type: ignore[attr-defined]
        for source in _sources(loader, name):
            path = Path(source.name)
            if path.is_file():
                return path.read_bytes()
    raise TemplateDoesNotExist(name)


def _sources(loader: Any, name: str) -> list[Any]:
    """Where one loader, or those that it caches, would look."""
    if hasattr(loader, "loaders"):
        return [source for inner in loader.loaders for source in _sources(inner, name)]
    return list(loader.get_template_sources(name))


def render_pdf(
    template_name: str, data: Mapping[str, Any], *, files: Mapping[str, bytes] | None = None
) -> bytes:
    """The PDF of a template.

    The template reads ``json("data.json")``, may ``#import "house.typ": *`` and draws each of ``files``
    (name → bytes of an SVG or PNG) with ``image("name")``. Dates and UUIDs in ``data`` become text; write them in
    words before. Fonts are those of the package alone, so a PDF is the same on every machine.
    """
    text = json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False)
    # The font has no narrow no-break space: the wide one stands for it.
    text = text.replace("\u202f", "\u00a0")
    virtual: dict[str, bytes] = {
        "main.typ": template_bytes(template_name),
        "house.typ": template_bytes("typst/house.typ"),
        "data.json": text.encode(),
        **(files or {}),
    }
    # Its stub does not know that several files may be given from memory.
    compile_: Any = typst.compile
    return bytes(compile_(virtual, font_paths=[str(FONTS)], ignore_system_fonts=True, timestamp=0))


@cache
def _symbols(path: Path) -> dict[str, tuple[str, str]]:
    """``{id: (viewBox, content)}`` of a sprite of ours."""
    text = path.read_text(encoding="utf-8")
    found = re.findall(r'<symbol id="([^"]+)" viewBox="([^"]+)">(.*?)</symbol>', text, flags=re.DOTALL)
    return {name: (box, content) for name, box, content in found}


def sign_file(device: str, connection: str, skills: str, *, size: str = "l") -> bytes:
    """The sign as an SVG file in black on white: paper needs no colour to tell its states apart."""
    symbols = _symbols(SIGN)
    states = dict(zip(POCKETS, (device, connection, skills), strict=True))
    box, shape = symbols[f"sac-{size}"]
    shape += "".join(
        symbols[f"sac-{size}-{pocket}-{checked_state(state)}"][1] for pocket, state in states.items()
    )
    shape = re.sub(r"var\(--sac-(?:toile|papier)(?:,[^)]*)?\)", PAPER, shape).replace("currentColor", INK)
    width, height = box.split()[2:]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" width="{width}" height="{height}">{shape}</svg>'
    ).encode()


def icon_file(name: str) -> bytes:
    """An icon as an SVG file, black, stroke 2."""
    box, shape = _symbols(ICONS)[f"i-{name}"]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" width="24" height="24" fill="none" stroke="{INK}" '
        f'stroke-width="2" stroke-linecap="round" stroke-linejoin="round">{shape}</svg>'
    ).encode()
