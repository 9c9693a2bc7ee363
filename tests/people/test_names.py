"""Names that look alike (bar 10)."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.errors import Invalid
from forum.people import names
from forum.people.lookalikes import KEY_LENGTH, look, looks
from forum.text.words import one_line


def alike(one: str, other: str) -> bool:
    return bool(looks(one) & looks(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("admin", "aɗmin"),
        ("paypal", "pаypаl"),  # Cyrillic a
        ("Ida", "lda"),  # an l for the I
        ("Helen", "ΗELEN"),  # a Greek Eta
        ("Strasse", "STRAẞE"),
        ("strasse", "straße"),
        ("Kırmızı", "kirmizi"),  # dotless i
        ("modern", "modem"),
        ("vvilma", "wilma"),
        ("ida", "i\u200bda"),  # zero width
        ("ida", "ida\ufe0f"),
        ("José", "Jose\u0301"),  # NFC and NFD
        ("José", "Jose"),
        ("Ida K", "ida-k"),
        ("Ida", "Ida ✓"),  # no badges by hand
        ("Ida", "𝕴𝖉𝖆"),
        ("Ida", "Ｉｄａ"),
        ("b0b", "bob"),
    ],
)
def test_look_alike(one, other):
    assert alike(one, other)


@pytest.mark.parametrize(
    ("one", "other"), [("Ida", "Ada"), ("Eli", "Ell"), ("Tom", "Tim"), ("कि", "कु"), ("が", "か"), ("한국", "한글")]
)
def test_different_names_are_told_apart(one, other):
    assert not alike(one, other)


def test_unicodes_own_list_of_confusables(shared):
    missed = tried = 0
    for line in (shared / "text/confusables.txt").read_text("utf-8-sig").splitlines():
        fields = line.split("#")[0].split(";")
        if len(fields) < 3:
            continue
        one, other = ("".join(chr(int(code, 16)) for code in field.split()) for field in fields[:2])
        # Right-to-left letters are not compared with Latin ones but cannot stand in one word with them (below).
        both = unicodedata.bidirectional
        if unicodedata.category(one[0])[0] in "LN" and not any(both(char) in ("R", "AL", "AN") for char in one + other):
            tried += 1
            missed += not alike(f"xx{one}yy", f"xx{other}yy")
    assert tried > 4000
    assert missed <= 8  # letters whose likeness is built with a symbol, as Latin eth


def test_naughty_strings_are_refused_or_have_a_look(shared):
    for typed in json.loads((shared / "text/blns.json").read_text("utf-8")):
        try:
            kept = names.check_display_name(typed)
        except Invalid:
            continue
        assert looks(kept)
        assert kept == one_line(kept)


@given(st.text(max_size=60))
def test_a_look_is_stable_and_fits_its_column(name):
    assert all(len(key) <= KEY_LENGTH for key in looks(name))
    assert look(name) == look(name.upper().lower()) or not name.isascii()


@pytest.mark.parametrize("typed", ["ida", "Ida.Brandt", "ида", "李雷", "a_b-c.d", "मीरा"])
def test_a_sign_in_name(app, typed):
    assert names.check_username(typed) == typed


@pytest.mark.parametrize(
    "typed", ["", "a", "a" * 41, "ida brandt", "-ida", "ida.", "ida@home", "a/b", "---", "i\u202eda x", "ida\nx!"]
)
def test_no_sign_in_name(app, typed):
    with pytest.raises(Invalid) as refusal:
        names.check_username(typed)
    assert list(refusal.value.fields) == ["username"]


@pytest.mark.parametrize("typed", ["Ida Brandt", "Zoë O’Hara", "李 雷", "Ада", "علی\u200cرضا"])
def test_a_shown_name(app, typed):
    assert names.check_display_name(typed) == typed


@pytest.mark.parametrize("typed", ["", "   ", "\u200b\u200b", "✓✓", "x" * 61, "a\ue000b", "Paוla", "\u3164"])
def test_no_shown_name(app, typed):
    with pytest.raises(Invalid) as refusal:
        names.check_display_name(typed)
    assert list(refusal.value.fields) == ["display_name"]


@pytest.mark.parametrize("typed", [
    "Ida\u3164", "Ida\u115fK", "I\u2800da", "Ida \uffa0", "Ida\u20de", "A\u20dd", "\u0301Ida", "Ida \u0488x",
    "Ida -\u0301",
    "wanda@post.example", "Write to wanda@post.example", "ｗ@post.example",
])  # fmt: skip
def test_a_shown_name_shows_a_name(app, typed):
    with pytest.raises(Invalid) as refusal:
        names.check_display_name(typed)
    assert list(refusal.value.fields) == ["display_name"]


IMPOSTORS = [
    "Admin Team", "The Admins", "admin-team", "Аdmin Team", "Support", "Official Support Team", "The Reading Room",
    "the reading-room", "The Reading Room Team", "Reading Room Admin", "Ida (Admin)", "Ida, Moderator", "Admin Ida",
    "ADM1N", "M0derator", "The Read1ng R00m", "@dmin", "Ida | MODERATOR", "Ida (Аdmin)", "Ida – Administratorin",
    "Ida (@dmin)",
]  # fmt: skip


@pytest.mark.parametrize("typed", IMPOSTORS)
def test_nobody_but_staff_sounds_like_the_site(app, typed):
    with pytest.raises(Invalid):
        names.check_display_name(typed, site="The Reading Room")
    assert names.check_display_name(typed, staff=True, site="The Reading Room")


@pytest.mark.parametrize(
    "typed",
    [
        "Peter Staff",
        "Theo",
        "Ida Forum",
        "मीरा",
        "Zoe\u0308",
        "Ida @home",
        "R\u0308umpel",
        "Admina Moderau",
        "Sam Support",
    ],
)
def test_people_keep_their_names(app, typed):
    assert names.check_display_name(typed, site="The Reading Room")


@pytest.mark.parametrize("typed", ["guest", "Guеst", "Gast", "gelöscht", "admin", "аdmin", "Moderator", "ADMIN"])
def test_names_kept_back(app, typed):
    with pytest.raises(Invalid):
        names.check_username(typed)


def test_staff_may_be_called_admin_but_nobody_guest(app):
    assert names.check_username("admin", staff=True) == "admin"
    with pytest.raises(Invalid):
        names.check_username("guest", staff=True)


def test_a_sign_in_name_from_a_shown_one():
    assert names.username_from("Ida  Brandt!") == "Ida-Brandt"
