"""Join separately compressed parts to one valid gzip stream (RFC 1952, RFC 1951), without compressing them again.

A part that many readers share is deflated once and ends on a byte boundary that remembers nothing (a full flush);
others are put before and behind it. The check sum of the whole follows from those of its parts by the arithmetic of
CRC-32: appending n bytes multiplies by x^(8n) modulo the polynomial over GF(2), and that power is worked out once per
part. What must stay secret (a form's token) is put in uncompressed, so that no length tells anything about it.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"  # gzip, deflate, no name, no time, unknown system
SHARED_LEVEL = 6  # compressed once, sent a thousand times
OWN_LEVEL = 1  # a few kB for one reader: the fastest is small enough
LAST = b"\x01\x00\x00\xff\xff"  # an empty stored block that says: nothing follows
MOST_STORED = 0xFFFF  # bytes of one stored block
_POLYNOMIAL = 0xEDB88320  # bit-reversed, as CRC-32 is


@dataclass(frozen=True)
class Part:
    """Be a stretch of a page, plain and deflated, with its check sum and the power that appending it multiplies by."""

    plain: tuple[bytes, ...]
    deflated: tuple[bytes, ...]
    size: int
    crc: int
    power: int


class Secret(bytes):
    """Be a stretch that is not compressed."""


def part(plain: bytes, level: int = SHARED_LEVEL) -> Part:
    """Deflate a part that is shared."""
    return _part(plain, deflated(plain, level))


def secret(plain: bytes) -> Part:
    """Make a part that is not compressed; at most MOST_STORED bytes."""
    return _part(plain, _stored(plain))


def fused(*parts: Part) -> Part:
    """Make one part of several."""
    plain = tuple(piece for each in parts for piece in each.plain)
    packed = tuple(piece for each in parts for piece in each.deflated)
    crc = 0
    for each in parts:
        crc = _times(each.power, crc) ^ each.crc
    size = sum(each.size for each in parts)
    return Part(plain, packed, size, crc, _power(size))


def spliced(*sections: bytes | Secret | Part) -> bytes:
    """Return one gzip stream of all sections; bytes are deflated here, secrets are stored, parts taken as they are."""
    out, crc, size = [HEADER], 0, 0
    for section in sections:
        if isinstance(section, Part):
            out.extend(section.deflated)
            crc = _times(section.power, crc) ^ section.crc
            size += section.size
        else:
            out.append(_stored(section) if isinstance(section, Secret) else deflated(section, OWN_LEVEL))
            crc = zlib.crc32(section, crc)
            size += len(section)
    out.append(LAST)
    out.append(struct.pack("<LL", crc, size & 0xFFFFFFFF))
    return b"".join(out)


def deflated(plain: bytes, level: int = SHARED_LEVEL) -> bytes:
    """Deflate bytes so that anything can follow."""
    packer = zlib.compressobj(level, zlib.DEFLATED, -15)
    return packer.compress(plain) + packer.flush(zlib.Z_FULL_FLUSH)


def _part(plain: bytes, packed: bytes) -> Part:
    return Part((plain,), (packed,), len(plain), zlib.crc32(plain), _power(len(plain)))


def _stored(plain: bytes) -> bytes:
    if len(plain) > MOST_STORED:
        raise ValueError(f"{len(plain)} bytes do not fit into one stored block")
    return b"".join((struct.pack("<BHH", 0, len(plain), len(plain) ^ MOST_STORED), plain))


def _times_x(a: int) -> int:
    """Multiply a polynomial by x modulo the CRC's; the highest bit is the coefficient of x^0."""
    return a >> 1 ^ _POLYNOMIAL if a & 1 else a >> 1


def _times(a: int, b: int) -> int:
    """Multiply two polynomials modulo the CRC's, four coefficients of the first at a time, the highest powers first."""
    b1 = _times_x(b)
    b2 = _times_x(b1)
    b3 = _times_x(b2)
    low = (0, b3, b2, b2 ^ b3)
    by = [high ^ rest for high in (0, b1, b, b ^ b1) for rest in low]
    product = 0
    for place in range(0, 32, 4):
        product = product >> 4 ^ _TIMES_X4[product & 15] ^ by[a >> place & 15]
    return product


_TIMES_X4 = [_times_x(_times_x(_times_x(_times_x(low)))) for low in range(16)]  # what four coefficients wrap round to


def _powers() -> list[list[int]]:
    """Return x^(8 v 256^p) for each value v of the bytes of a length, the lowest (p = 0) first."""
    found, step = [], 1 << 23  # x^8
    for _ in range(4):
        row = [1 << 31]  # x^0
        for _ in range(255):
            row.append(_times(row[-1], step))
        found.append(row)
        step = _times(row[-1], step)
    return found


_POWERS = _powers()


def _power(size: int) -> int:
    """Return x^(8n) for n bytes, fewer than 2^32."""
    product = _POWERS[0][size & 255]
    for row in _POWERS[1:]:
        size >>= 8
        if size:
            product = _times(product, row[size & 255])
    return product
