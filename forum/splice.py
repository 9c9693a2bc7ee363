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


def _times(a: int, b: int) -> int:
    """Multiply two polynomials modulo the CRC's; the highest bit is the coefficient of x^0."""
    product, bit = 0, 1 << 31
    while a:
        if a & bit:
            product ^= b
            a ^= bit
        bit >>= 1
        b = b >> 1 ^ _POLYNOMIAL if b & 1 else b >> 1
    return product


def _squares() -> list[int]:
    """Return x^(2^k) for k from 0 to 63."""
    found = [1 << 30]
    for _ in range(63):
        found.append(_times(found[-1], found[-1]))
    return found


_SQUARES = _squares()


def _power(size: int) -> int:
    """Return x^(8n) for n bytes."""
    product, step = 1 << 31, 3  # x^0; a byte is x^8, so its powers begin at x^(2^3)
    while size:
        if size & 1:
            product = _times(_SQUARES[step], product)
        size >>= 1
        step += 1
    return product
