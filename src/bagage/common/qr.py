"""QR codes, drawn as one path: for a screen, for print, and for a PDF."""

from django.utils.html import format_html
from django.utils.safestring import SafeString


def qr_modules(text: str, *, error: str = "m") -> list[list[bool]]:
    """The squares of the code, row by row, without the quiet zone; ``True`` is dark.

    ``error`` is the level of correction: ``m`` bears 15 % of dirt or creases, which a folded slip needs.
    """
    import segno

    code = segno.make(text, error=error, micro=False, boost_error=True)
    return [[bool(module) for module in row] for row in code.matrix]


def qr_path(modules: list[list[bool]]) -> str:
    """One SVG path of all dark runs, in units of one module."""
    runs: list[str] = []
    for y, row in enumerate(modules):
        x = 0
        while x < len(row):
            if not row[x]:
                x += 1
                continue
            start = x
            while x < len(row) and row[x]:
                x += 1
            runs.append(f"M{start} {y}h{x - start}v1h-{x - start}z")
    return "".join(runs)


def qr_svg(text: str, label: str) -> SafeString:
    """The code for a page: black on white in both themes; ``label`` says what scanning it does.

    The quiet zone is 4 modules, as ISO/IEC 18004 asks: 2 drawn here would need a white page around it.
    """
    modules = qr_modules(text)
    side = len(modules) + 8
    return format_html(
        '<svg class="qr" viewBox="-4 -4 {} {}" role="img" aria-label="{}"><rect x="-4" y="-4" width="{}" height="{}" '
        'fill="#fff"/><path d="{}" fill="#000" shape-rendering="crispEdges"/></svg>',
        side,
        side,
        label,
        side,
        side,
        qr_path(modules),
    )


def qr_file(text: str) -> bytes:
    """The code as an SVG file, quiet zone and all: for :func:`bagage.common.pdf.render_pdf`."""
    modules = qr_modules(text)
    side = len(modules) + 8
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-4 -4 {side} {side}" width="{side}" height="{side}">'
        f'<rect x="-4" y="-4" width="{side}" height="{side}" fill="#fff"/>'
        f'<path d="{qr_path(modules)}" fill="#000"/></svg>'
    ).encode()
