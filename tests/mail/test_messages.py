"""Messages: whatever names and subjects hold, what is parsed is what was said, and nothing else is in the head."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.utils import getaddresses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.mail.letters import Letter, Subscription, Thread
from forum.mail.messages import LONGEST_SUBJECT, Sender, message

AT = datetime(2026, 9, 17, 14, 41, tzinfo=UTC)
SENDER = Sender("The Reading Room", "noreply@talk.example", "talk.example")
LETTER = Letter("Tom", "tom@post.example", "Hello", "account", "test-1")
NAMES = {"from", "to", "subject", "date", "message-id", "auto-submitted", "x-auto-response-suppress", "mime-version"}
HOSTILE = [
    "Tom\r\nBcc: everybody@post.example",
    "Tom\nSubject: other",
    "Tom\r\n\r\n<script>alert(1)</script>",
    "Tom\x00\x0b\x0c\x1b\x85\u2028Bcc: x@post.example",
    "=?utf-8?q?Bcc=3A_x=40post.example?=",
    "=?utf-8?b?DQpCY2M6IHg=?=",
    "<x@post.example>",
    "Tom <x@post.example>, y@post.example",
    'Tom "the "quoted" one"',
    'Tom \\ back \\" slash',
    "Tom, Rosa; and (others): @all",
    "x@post.example",
    "a" * 300,
    "Wörter " * 40,
    "مرحبا بالعالم، كيف حالك اليوم؟ " * 4,
    "שלום, עולם",
    "日本語のとても長い名前です" * 8,
    "👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽" * 9,
    "é" * 90 + " " + "ü" * 90,
    "  two  spaces, ünd Kommas,  ",
    "\u202eexe.gnp",
    "\ud800 half a pair",
    "%s %(name)s {0} {{ 7*7 }}",
]


def sent(letter=LETTER, text="Words.\n", html="<p>Words.</p>", sender=SENDER):
    return message(letter, text, html, sender, AT).as_bytes()


def words(typed):
    """Return what of a text can be in one line of a head."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+", " ", typed).split())


@pytest.mark.parametrize("typed", HOSTILE, ids=range(len(HOSTILE)))
def test_names_and_subjects_stay_what_they_are(typed):
    raw = sent(replace(LETTER, name=typed, subject=typed), sender=replace(SENDER, name=typed))
    check(raw, typed)


@given(st.text(max_size=200))
def test_any_name_and_subject(typed):
    check(sent(replace(LETTER, name=typed, subject=typed), sender=replace(SENDER, name=typed)), typed)


def check(raw, typed):
    head = raw.partition(b"\r\n\r\n")[0]
    parsed = message_from_bytes(raw, policy=policy.default)
    assert {name.lower() for name in parsed} == NAMES | {"content-type"}
    assert parsed.defects == []
    plain = message_from_bytes(raw)  # as a parser without Python's newer rules reads it
    assert str(make_header(decode_header(plain["Subject"].replace("\n", "")))) == words(typed)[:LONGEST_SUBJECT].strip()
    for header, address in (("From", "noreply@talk.example"), ("To", "tom@post.example")):
        ((name, found),) = getaddresses([plain[header].replace("\n", "")])
        assert found == address
        assert str(make_header(decode_header(name))) == words(typed)
    for one in head.split(b"\r\n"):
        assert len(one) <= 998
        assert one.isascii() and one.strip()
    assert all(len(word) <= 75 for word in re.findall(rb"=\?[^?]+\?[bq]\?[^?]*\?=", head, re.IGNORECASE))
    assert b"\n" not in raw.replace(b"\r\n", b"")


@pytest.mark.parametrize(
    "body", ["x" * 5000, "wörd " * 3000, "日本" * 2000, "שלום " * 900, ".\n..\nFrom me\n", "\ud800 half"]
)
def test_bodies_arrive_whole_in_short_lines(body):
    raw = sent(text=body + "\n", html=f"<p>{body}</p>\n")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert raw.isascii()
    parsed = message_from_bytes(raw, policy=policy.default)
    expected = body.replace("\ud800", "?") + "\n"
    assert parsed.get_body(("plain",)).get_content().replace("\r\n", "\n") == expected
    assert f"<p>{body}</p>".replace("\ud800", "?") in parsed.get_body(("html",)).get_content().replace("\r\n", "\n")


def test_the_place_in_a_discussion():
    ids = tuple(f"comment-{n}.{'a' * 32}" for n in range(1, 15))
    host = "a-very-long-name-of-a-host.of-a-very-long-domain.example"
    raw = sent(replace(LETTER, id=f"comment-15.{'a' * 32}", thread=Thread(ids)), sender=replace(SENDER, host=host))
    parsed = message_from_bytes(raw, policy=policy.default)
    named = [f"<{id}@{host}>" for id in ids]
    assert parsed["In-Reply-To"].strip() == named[-1]
    assert parsed["References"].split() == named[-10:]
    assert parsed["Message-ID"].strip() == f"<comment-15.{'a' * 32}@{host}>"
    assert b"=?" not in raw.partition(b"\r\n\r\n")[0]


def test_a_list_and_how_one_leaves_it():
    leave = "https://talk.example/mail/unsubscribe/" + "x" * 200
    raw = sent(replace(LETTER, subscription=Subscription("answers", "Answers, und Ähnliches", leave)))
    parsed = message_from_bytes(raw, policy=policy.compat32)
    assert parsed["List-Unsubscribe"].strip() == f"<{leave}>"
    assert parsed["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert parsed["List-Id"].endswith("<answers.talk.example>")
    assert parsed["Auto-Submitted"] == "auto-generated"


def test_a_domain_in_another_script_is_written_as_servers_exchange_it():
    raw = sent(replace(LETTER, address="tom@bücher.example"))
    assert b"<tom@xn--bcher-kva.example>" in raw
