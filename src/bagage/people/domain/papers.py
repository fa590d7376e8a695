"""What may be kept as a paper of hers: told by its bytes, never by its name, and rid of what a photograph says aside.

Accepted: PDF, JPEG, PNG, WebP. Never SVG or HTML, which can hold code. Of a picture, everything but the picture goes:
place and time of the photograph, owner of the telephone, thumbnails, a film behind it; which way is up stays. A PDF is
kept as it is.
"""

import struct
from collections.abc import Iterator

PDF, JPEG, PNG, WEBP = "application/pdf", "image/jpeg", "image/png", "image/webp"
SUFFIXES = {PDF: ".pdf", JPEG: ".jpg", PNG: ".png", WEBP: ".webp"}
_PNG_START = b"\x89PNG\r\n\x1a\n"
# Chunks that draw the picture; texts, times and EXIF are others.
_PNG_KEPT = {
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"bKGD", b"pHYs",
    b"acTL", b"fcTL", b"fdAT", b"cICP",
}  # fmt: skip
_WEBP_KEPT = {b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ICCP", b"ANIM", b"ANMF"}
_ORIENTATION = 0x0112


class NotThePicture(ValueError):
    """The bytes end too soon, or are not what they begin as."""


def media_type_of(content: bytes) -> str:
    """``"application/pdf"``, ``"image/jpeg"``, ``"image/png"``, ``"image/webp"``; ``""`` for anything else."""
    if content.startswith(b"%PDF-"):
        return PDF
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if content.startswith(_PNG_START):
        return PNG
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return WEBP
    return ""


def is_heic(content: bytes) -> bool:
    """Whether it is a photograph as some telephones keep it, which few others open."""
    return content[4:8] == b"ftyp" and content[8:12] in {b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif"}


def bare(content: bytes, media_type: str) -> bytes:
    """The same paper without what a picture says aside. :class:`NotThePicture` when it cannot be read."""
    try:
        if media_type == JPEG:
            return _bare_jpeg(content)
        if media_type == PNG:
            return _bare_png(content)
        if media_type == WEBP:
            return _bare_webp(content)
    except (IndexError, struct.error) as error:
        raise NotThePicture from error
    return content


# ---------- JPEG ----------


def _bare_jpeg(content: bytes) -> bytes:
    """The segments that draw, up to the end of the picture; what follows it (a film, other pictures) goes."""
    kept, orientation, place = [b"\xff\xd8"], 1, 2
    while True:
        if content[place] != 0xFF:
            raise NotThePicture
        while content[place + 1] == 0xFF:  # filling
            place += 1
        marker = content[place + 1]
        if marker == 0xD9:
            kept.append(b"\xff\xd9")
            break
        if marker == 0x01 or 0xD0 <= marker <= 0xD8:
            place += 2
            continue
        length = struct.unpack_from(">H", content, place + 2)[0]
        segment = content[place : place + 2 + length]
        if length < 2 or len(segment) < 2 + length:
            raise NotThePicture
        place += 2 + length
        if marker == 0xE1:
            orientation = _orientation_in(segment[4:]) or orientation
        elif marker not in {0xFE, *range(0xE0, 0xF0)} or marker in {0xE0, 0xEE} or _is_profile(segment):
            kept.append(segment)
        if marker == 0xDA:
            end = _end_of_scan(content, place)
            kept.append(content[place:end])
            place = end
    if orientation != 1:
        kept.insert(1, _upright(orientation))
    return b"".join(kept)


def _is_profile(segment: bytes) -> bool:
    """A profile of colours; the other uses of the same segment hold more pictures."""
    return segment[1] == 0xE2 and segment[4:16] == b"ICC_PROFILE\0"


def _end_of_scan(content: bytes, place: int) -> int:
    """Where the drawn bytes end: at the next marker that is neither a filled byte nor a restart."""
    while True:
        place = content.find(b"\xff", place)
        if place < 0:
            raise NotThePicture
        if content[place + 1] == 0 or 0xD0 <= content[place + 1] <= 0xD7:
            place += 2
            continue
        if content[place + 1] == 0xFF:
            place += 1
            continue
        return place


def _orientation_in(exif: bytes) -> int:
    """Which way is up (2 to 8), as the telephone said; 0 when it did not."""
    if not exif.startswith(b"Exif\0\0"):
        return 0
    tiff = exif[6:]
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return 0
    try:
        start = struct.unpack_from(f"{order}I", tiff, 4)[0]
        count = struct.unpack_from(f"{order}H", tiff, start)[0]
        for number in range(min(count, 200)):
            tag, kind, _n, value = struct.unpack_from(f"{order}HHIH", tiff, start + 2 + 12 * number)
            if tag == _ORIENTATION and kind == 3 and 1 <= value <= 8:
                return int(value)
    except struct.error:
        return 0
    return 0


def _upright(orientation: int) -> bytes:
    """A segment that says which way is up, and nothing else."""
    tiff = b"MM\0*\0\0\0\x08" + struct.pack(">HHHIHHI", 1, _ORIENTATION, 3, 1, orientation, 0, 0)
    body = b"Exif\0\0" + tiff
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


# ---------- PNG, WebP ----------


def _bare_png(content: bytes) -> bytes:
    kept, place = [_PNG_START], len(_PNG_START)
    while True:
        length, name = struct.unpack_from(">I4s", content, place)
        chunk = content[place : place + 12 + length]
        if len(chunk) < 12 + length:
            raise NotThePicture
        place += 12 + length
        if name in _PNG_KEPT:
            kept.append(chunk)
        if name == b"IEND":
            return b"".join(kept)


def _bare_webp(content: bytes) -> bytes:
    size = struct.unpack_from("<I", content, 4)[0]
    if len(content) < size + 8:
        raise NotThePicture
    kept = [
        _without_flags(chunk) if name == b"VP8X" else chunk
        for name, chunk in _chunks(content[12 : size + 8])
        if name in _WEBP_KEPT
    ]
    if not kept:
        raise NotThePicture
    body = b"WEBP" + b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _chunks(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = 0
    while place < len(body):
        name, length = struct.unpack_from("<4sI", body, place)
        end = place + 8 + length + length % 2
        if len(body) < place + 8 + length:
            raise NotThePicture
        yield name, body[place:end].ljust(end - place, b"\0")
        place = end


def _without_flags(chunk: bytes) -> bytes:
    """The header without its promise of EXIF and XMP."""
    return chunk[:8] + bytes([chunk[8] & ~0x0C]) + chunk[9:]
