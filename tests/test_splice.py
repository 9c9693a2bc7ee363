"""One valid gzip stream from parts that were compressed apart."""

from __future__ import annotations

import gzip
import zlib

from hypothesis import given, settings
from hypothesis import strategies as st

from forum.splice import part, spliced


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=3000), st.binary(max_size=20_000), st.binary(max_size=3000))
def test_it_unpacks_to_head_middle_and_tail(head, middle, tail):
    assert gzip.decompress(spliced(head, part(middle), tail)) == head + middle + tail


def test_it_is_one_member():
    packed = spliced(b"head", part(b"middle" * 1000), b"tail")
    unpacker = zlib.decompressobj(31)
    unpacker.decompress(packed)
    assert unpacker.eof
    assert not unpacker.unused_data
