"""One valid gzip stream from pieces that were deflated apart."""

from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forum.comments.reading.deflate import deflate, gzipped, secret

SMALL = st.binary(max_size=3000)


@settings(max_examples=60, deadline=None)
@given(SMALL, st.binary(max_size=20_000), SMALL, SMALL)
def test_it_unpacks_to_what_was_put_in(head, middle, token, tail):
    packed = gzipped([deflate(head, 1), deflate(middle), secret(token), deflate(tail, 1)])
    assert gzip.decompress(packed) == head + middle + token + tail


def test_it_is_one_member():
    packed = gzipped([deflate(b"head"), deflate(b"middle" * 1000), deflate(b"tail")])
    unpacker = zlib.decompressobj(31)
    unpacker.decompress(packed)
    assert unpacker.eof
    assert not unpacker.unused_data


def test_the_length_tells_nothing_of_a_secret():
    guesses = [b"token=abcdefgh", b"token=zzzzzzzz"]
    guessed = deflate(b"token=abcdefgh is what I guess; ")
    assert len({len(gzipped([guessed, secret(guess)])) for guess in guesses}) == 1


def test_what_was_said_before_does_not_shorten_what_comes_after():
    words = deflate(b"a sentence that somebody wrote into the discussion")
    alike, other = deflate(b"a sentence that somebody wrote"), deflate(b"x sentence that somebody wrote")
    assert len(gzipped([words, alike])) == len(gzipped([words, other]))


def test_a_secret_too_long_for_a_block_is_refused():
    with pytest.raises(ValueError, match="do not fit"):
        secret(b"x" * 65_536)
