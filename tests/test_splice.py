"""One valid gzip stream from parts that were compressed apart."""

from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forum.splice import MOST_STORED, Secret, fused, part, secret, spliced

SMALL = st.binary(max_size=3000)


@settings(max_examples=60, deadline=None)
@given(SMALL, st.binary(max_size=20_000), SMALL, SMALL)
def test_it_unpacks_to_what_was_put_in(head, middle, key, tail):
    packed = spliced(head, part(middle), Secret(key), tail)
    assert gzip.decompress(packed) == head + middle + key + tail


@settings(max_examples=60, deadline=None)
@given(st.lists(SMALL, max_size=5), SMALL, SMALL)
def test_parts_of_parts_unpack_too(chunks, token, key):
    talk = fused(*map(part, chunks))
    frame = fused(part(b"head"), secret(token), talk, part(b"tail"))
    assert gzip.decompress(spliced(frame, Secret(key), frame)) == b"".join(frame.plain) + key + b"".join(frame.plain)
    assert b"".join(frame.plain) == b"head" + token + b"".join(chunks) + b"tail"


def test_it_is_one_member():
    packed = spliced(b"head", part(b"middle" * 1000), b"tail")
    unpacker = zlib.decompressobj(31)
    unpacker.decompress(packed)
    assert unpacker.eof
    assert not unpacker.unused_data


def test_the_length_tells_nothing_of_a_secret():
    guesses = [b"token=abcdefgh", b"token=zzzzzzzz"]
    sizes = {len(spliced(b"token=abcdefgh is what I guess; ", Secret(guess))) for guess in guesses}
    assert len(sizes) == 1


def test_a_secret_too_long_for_a_block_is_refused():
    with pytest.raises(ValueError, match="do not fit"):
        secret(b"x" * (MOST_STORED + 1))
