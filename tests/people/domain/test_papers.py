import struct
import zlib

import pytest

from bagage.people.domain.papers import NotThePicture, bare, is_heic, media_type_of


# ---------- pictures made by hand, with what a telephone adds ----------
def segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def exif(orientation: int | None = None, order: str = ">") -> bytes:
    """What a telephone says: which way is up if asked, and where it was."""
    tags = [] if orientation is None else [(0x0112, 3, orientation)]
    body = struct.pack(f"{order}H", len(tags) + 1)
    for tag, kind, value in tags:
        body += struct.pack(f"{order}HHIHH", tag, kind, 1, value, 0)
    body += struct.pack(f"{order}HHII", 0x8825, 4, 1, 99)
    start = b"MM\0*" if order == ">" else b"II*\0"
    return b"Exif\0\0" + start + struct.pack(f"{order}I", 8) + body + b"GPS 48.88 2.38"


def jpeg(*aside: bytes, after: bytes = b"") -> bytes:
    return b"".join(
        [
            b"\xff\xd8",
            *aside,
            segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0"),
            segment(0xDB, b"\0" + bytes(64)),
            segment(0xC2, b"\x08\0\1\0\1\1\1\x11\0"),
            segment(0xDA, b"\1\1\0\0\x3f\0"),
            b"drawn\xff\0drawn\xff\xd0drawn",
            segment(0xC4, b"\0" + bytes(16)),
            segment(0xDA, b"\1\1\0\0\x3f\0"),
            b"drawn again",
            b"\xff\xd9",
            after,
        ]
    )


def chunk(name: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(*aside: bytes, after: bytes = b"") -> bytes:
    start = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", bytes(13))
    return start + b"".join(aside) + chunk(b"IDAT", b"drawn") + chunk(b"IEND") + after


def riff(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + (b"\0" if len(body) % 2 else b"")


def webp(*chunks: bytes, after: bytes = b"") -> bytes:
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body + after


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"%PDF-1.7\n", "application/pdf"),
        (jpeg(), "image/jpeg"),
        (png(), "image/png"),
        (webp(riff(b"VP8 ", b"drawn")), "image/webp"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", ""),
        (b"<!doctype html><script>1</script>", ""),
        (b"\n%PDF-1.7", ""),
        (b"GIF89a", ""),
        (b"PK\x03\x04", ""),
        (b"\0\0\0\x18ftypheic", ""),
        (b"", ""),
    ],
)
def test_a_paper_is_told_by_its_first_bytes(content, media_type):
    assert media_type_of(content) == media_type


def test_a_photograph_of_some_telephones_is_told_apart():
    assert [is_heic(b"\0\0\0\x18ftypheic"), is_heic(b"%PDF-1.7")] == [True, False]


def test_a_jpeg_loses_what_is_said_aside_and_what_follows_it():
    given = jpeg(
        segment(0xE1, exif()),
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x/>"),
        segment(0xED, b"Photoshop 3.0"),
        segment(0xFE, b"Fanta Diallo"),
        after=b"a film",
    )
    assert bare(given, "image/jpeg") == jpeg()


def test_a_jpeg_keeps_its_colours():
    profile = segment(0xE2, b"ICC_PROFILE\0\1\1colours")
    assert bare(jpeg(profile, segment(0xE2, b"MPF\0more")), "image/jpeg") == jpeg(profile)


@pytest.mark.parametrize("order", [">", "<"])
def test_a_jpeg_still_says_which_way_is_up_and_not_where_it_was(order):
    kept = bare(jpeg(segment(0xE1, exif(6, order))), "image/jpeg")
    assert b"GPS" not in kept
    assert kept[:2] + kept[36 + 2 :] == jpeg()
    assert bare(kept, "image/jpeg") == kept


@pytest.mark.parametrize(
    ("cut", "media_type"),
    [
        (jpeg()[:60], "image/jpeg"),
        (jpeg()[:-2], "image/jpeg"),
        (b"\xff\xd8\xff", "image/jpeg"),
        (png()[:-6], "image/png"),
        (png()[:20], "image/png"),
        (webp(riff(b"VP8 ", b"drawn"))[:-3], "image/webp"),
        (webp(riff(b"EXIF", b"x")), "image/webp"),
    ],
)
def test_a_picture_that_is_cut_is_refused(cut, media_type):
    with pytest.raises(NotThePicture):
        bare(cut, media_type)


def test_a_png_loses_what_is_said_aside_and_what_follows_it():
    given = png(
        chunk(b"tEXt", b"Author\0Fanta"), chunk(b"eXIf", b"GPS"), chunk(b"tIME", b"x"), after=b"<html>"
    )
    assert bare(given, "image/png") == png()


def test_a_webp_loses_what_is_said_aside_and_its_promise():
    head, drawn = bytes([0x2C, 0, 0, 0]) + bytes(6), riff(b"VP8 ", b"drawn")
    given = webp(riff(b"VP8X", head), drawn, riff(b"EXIF", b"GPS"), riff(b"XMP ", b"<x/>"), after=b"more")
    assert bare(given, "image/webp") == webp(riff(b"VP8X", bytes([0x20]) + head[1:]), drawn)


def test_a_pdf_is_kept_as_it_is():
    assert bare(b"%PDF-1.7 whatever", "application/pdf") == b"%PDF-1.7 whatever"
