"""Papers: the same data gives the same bytes, and nothing that was typed is read as an instruction."""

import io
from pathlib import Path
from typing import Any

import pypdf
import pytest
import zxingcpp
from django.template import TemplateDoesNotExist

from bagage.common import pdf, qr

PROBE = """#import "house.typ": *
#let data = json("data.json")
#show: slip.with(title: "Coupon")
#pic("calendar.svg") = Bonjour #data.name
#part[== Votre rendez-vous
#data.words]
#part[#image("sign.svg", height: 30mm) #image("qr.svg", height: 34mm) #tag(data.code)]
"""
NASTY = '#panic("x") *gras* $x$ \\ "fin" <b> @a [b] // c'


@pytest.fixture
def probe(tmp_path: Path, settings: Any) -> str:
    """A template among those that Django finds."""
    (tmp_path / "probe.typ").write_text(PROBE, encoding="utf-8")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path, *settings.TEMPLATES[0]["DIRS"]]}]
    return "probe.typ"


def made(probe: str, **data: Any) -> bytes:
    return pdf.render_pdf(
        probe,
        {"name": "Mariam", "words": "Jeudi 26 novembre", "code": "B7K 4M2", **data},
        files={
            "sign.svg": pdf.sign_file("full", "half", "lost"),
            "qr.svg": qr.qr_file("https://bagage.example/c/B7K4M2"),
            "calendar.svg": pdf.icon_file("calendar-check"),
        },
    )


def test_pdf_is_the_same_each_time(probe: str) -> None:
    assert made(probe) == made(probe)


def test_pdf_is_an_a5_page_in_our_font(probe: str) -> None:
    reader = pypdf.PdfReader(io.BytesIO(made(probe)))
    page = reader.pages[0]
    assert len(reader.pages) == 1
    assert [round(float(side) / 72 * 25.4) for side in page.mediabox[2:]] == [148, 210]
    fonts = {font.get_object()["/BaseFont"].split("+")[1] for font in page["/Resources"]["/Font"].values()}
    assert fonts == {"AtkinsonHyperlegibleNext-Regular", "AtkinsonHyperlegibleNext-Bold"}
    assert "Bonjour Mariam" in page.extract_text()
    assert "Page 1 sur 1" in page.extract_text()


def test_pdf_reads_nothing_typed_as_an_instruction(probe: str) -> None:
    text = pypdf.PdfReader(io.BytesIO(made(probe, name="Zoé", words=NASTY))).pages[0].extract_text()
    assert NASTY.replace(" ", "") in text.replace(" ", "").replace("\n", "")


def test_pdf_writes_names_of_many_origins(probe: str) -> None:
    text = (
        pypdf.PdfReader(io.BytesIO(made(probe, name="Łukasz Țepeș", words="Nɛɛ ɔ Ŋ, Ольга")))
        .pages[0]
        .extract_text()
    )
    assert "Łukasz Țepeș" in text
    assert "Ольга" in text


def test_pdf_of_no_template_is_refused() -> None:
    with pytest.raises(TemplateDoesNotExist):
        pdf.render_pdf("nothing.typ", {})


def test_sign_file_is_black_on_white_and_whole() -> None:
    drawing = pdf.sign_file("unknown", "half", "broken").decode()
    assert "var(" not in drawing
    assert "currentColor" not in drawing
    assert drawing.startswith('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 176 196"')


def test_qr_is_read_back_by_a_scanner() -> None:
    text = "https://bagage.example/c/B7K4M2?x=é"
    modules = qr.qr_modules(text)
    scale, quiet = 4, 4
    side = (len(modules) + 2 * quiet) * scale
    pixels = bytearray(b"\xff" * side * side)
    for y, row in enumerate(modules):
        for x, dark in enumerate(row):
            if dark:
                for line in range(scale):
                    start = ((y + quiet) * scale + line) * side + (x + quiet) * scale
                    pixels[start : start + scale] = bytes(scale)
    found = zxingcpp.read_barcodes(memoryview(pixels).cast("B", (side, side)))
    assert [one.text for one in found] == [text]


def test_qr_path_draws_each_dark_square_once() -> None:
    assert qr.qr_path([[True, True, False], [False, False, True]]) == "M0 0h2v1h-2zM2 1h1v1h-1z"


def test_qr_svg_says_what_scanning_does() -> None:
    assert 'role="img" aria-label="Code à scanner"' in qr.qr_svg("x", "Code à scanner")
