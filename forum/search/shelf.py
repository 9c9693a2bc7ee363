"""Sets of places on one shelf, as numbers of many bits, and how they are stored."""

from __future__ import annotations

from collections.abc import Iterator

SHELF = 2048  # texts on one shelf
_WHOLE = SHELF // 8  # bytes of a set that is stored bit by bit; a shorter one is a list of places


def packed(places: int) -> bytes:
    """Return a set as it is stored: a list of 16-bit numbers where that is shorter, else a bit for each place."""
    if places.bit_count() * 2 < _WHOLE:
        return b"".join([slot.to_bytes(2, "little") for slot in slots(places)])
    return places.to_bytes(_WHOLE, "little")


def unpacked(stored: bytes) -> int:
    """Return a set from what is stored."""
    if len(stored) == _WHOLE:
        return int.from_bytes(stored, "little")
    places = 0
    for at in range(0, len(stored), 2):
        places |= 1 << (stored[at] | stored[at + 1] << 8)
    return places


def slots(places: int) -> Iterator[int]:
    """Give the places of a set, the lowest first."""
    while places:
        lowest = places & -places
        yield lowest.bit_length() - 1
        places ^= lowest
