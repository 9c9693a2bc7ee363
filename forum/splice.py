"""Join separately compressed parts to one valid gzip stream (RFC 1952, RFC 1951), without compressing them again.

A part that many readers share is deflated once and ends on a byte boundary that remembers nothing (a full flush); a
reader's own head and tail are deflated around it. The check sum of the whole follows from those of its parts by the
arithmetic of CRC-32: appending n bytes multiplies by x^(8n), a matrix over GF(2) that is worked out once per part.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"  # gzip, deflate, no name, no time, unknown system
SHARED_LEVEL = 6  # compressed once, sent a thousand times
OWN_LEVEL = 1  # a few kB for one reader: the fastest is small enough
_POLYNOMIAL = 0xEDB88320

Matrix = tuple[int, ...]


@dataclass(frozen=True)
class Part:
    """Be a stretch of a page, plain and deflated, with its check sum and the matrix that appending it means."""

    plain: bytes
    deflated: bytes
    crc: int
    shift: Matrix


def part(plain: bytes) -> Part:
    """Deflate a part that is shared."""
    packer = zlib.compressobj(SHARED_LEVEL, zlib.DEFLATED, -15)
    deflated = packer.compress(plain) + packer.flush(zlib.Z_FULL_FLUSH)
    return Part(plain, deflated, zlib.crc32(plain), _shift(len(plain)))


def spliced(head: bytes, middle: Part, tail: bytes) -> bytes:
    """Return one gzip stream of head, middle and tail."""
    packer = zlib.compressobj(OWN_LEVEL, zlib.DEFLATED, -15)
    front = packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH)
    packer = zlib.compressobj(OWN_LEVEL, zlib.DEFLATED, -15)
    back = packer.compress(tail) + packer.flush(zlib.Z_FINISH)
    crc = _times(middle.shift, zlib.crc32(head)) ^ middle.crc
    crc = zlib.crc32(tail, crc)
    size = len(head) + len(middle.plain) + len(tail)
    return b"".join((HEADER, front, middle.deflated, back, struct.pack("<LL", crc, size & 0xFFFFFFFF)))


def _shift(length: int) -> Matrix:
    """Return the matrix by which a CRC changes when so many bytes are appended, their own CRC aside."""
    square: Matrix = (_POLYNOMIAL, *(1 << bit for bit in range(31)))  # one bit
    for _ in range(3):
        square = _squared(square)  # one byte
    result: Matrix = tuple(1 << bit for bit in range(32))
    while length:
        if length & 1:
            result = tuple(_times(square, column) for column in result)
        square = _squared(square)
        length >>= 1
    return result


def _times(matrix: Matrix, vector: int) -> int:
    total = 0
    for column in matrix:
        if not vector:
            break
        if vector & 1:
            total ^= column
        vector >>= 1
    return total


def _squared(matrix: Matrix) -> Matrix:
    return tuple(_times(matrix, column) for column in matrix)
