"""Passwords (bar 27)."""

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from forum import db
from forum.errors import Invalid
from forum.people import actions, passwords
from tests.cast import Browser, Cast
from tests.people.members import HASH, PHRASE, as_actor
from tests.people.test_setup import TYPED, forum, setup_path  # noqa: F401

NAMES = ("The Ferry Post", "wanda", "Wanda Müller", "w.lind@lake-post.example")


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "password",
        "Password123!",
        "12345678",
        "aaaaaaaa",
        "qwertyuiop",
        "the reading room 1",
        "wanda-2024",
        passwords.DEMO_PASSWORD,
        *(
            "qwertz123",
            "1q2w3e4r5t",
            "Passw0rd!!",
            "p4$$w0rd",
            "summer2024",
            "liverpoolfc1",
            "iloveyou2",
            "michelle1987",
        ),
        *("12.03.1987", "abcabcabc", "readingroom", "TheReadingRoom!", "monkey12", "asdfghjkl;", "dragonball"),
        "x" * 1025,
        "ü" * 513,
    ],
)
def test_refused(app, password):
    with pytest.raises(Invalid) as refusal:
        passwords.check(password, "The Reading Room", "wanda")
    assert list(refusal.value.fields) == ["password"]


@pytest.mark.parametrize(
    "password", ["three owls on a wire", "owls and wires " * 68, "пароль на века", "🦉🦉🐍🐍🦉🐢🐢🐢", "7319-8846-0021"]
)
def test_taken(app, password):
    passwords.check(password, "The Reading Room", "777")
    assert passwords.fits(passwords.hashed(password), password)


@pytest.mark.parametrize(
    "password",
    [
        *("ferrypost2026", "The-Ferry-Post-99", "FERRYPOST²⁰²⁶", "F3rryP0st2026", "ferry.post.31.12.1999"),
        *("postferry##12345", "wandaferry2026xy", "mueller wanda 1987", "Müller1987!!", "lindlake2024"),
        *("W.Lind@lake-post.example", "wanda & the ferry (2026)", "2nd ferry post", "the ferry post " * 40),
    ],
)
def test_made_of_names_is_refused(app: Flask, password: str) -> None:
    with pytest.raises(Invalid) as refusal:
        passwords.check(password, *NAMES)
    assert "names that others know" in refusal.value.fields["password"]


@pytest.mark.parametrize(
    "password",
    [
        *("the ferry leaves at noon", "wanda likes green tea", "post owls by ferry", "wanda 7319-8846-0021"),
        *("the post office is shut", "wanda🦉🦉🐍🐍🦉🐢🐢🐢", "wanda kq9x!vR2m"),
    ],
)
def test_a_phrase_with_a_name_among_other_words_is_taken(app: Flask, password: str) -> None:
    passwords.check(password, *NAMES)


def test_names_are_refused_wherever_a_password_is_set(cast: Cast) -> None:
    site, mail = "readingroom2026", "quietlake2026"
    wanda = actions.add_person(
        None, "wanda", display_name="Wanda", email="quiet@lake.example", role="reader", password_hash=HASH
    )
    reset, invitation = actions.make_reset_link(None, wanda.id), actions.make_invitation(None)
    db.commit()
    newcomer = {"username": "olga", "email": "quiet.lake@post.example"}
    for password in (site, mail):
        for address in ("/sign-up", invitation):
            assert told(cast.browser().post(address, password=password, **newcomer))
        assert told(cast.browser().post(reset, password=password))
        assert told(cast.browser(wanda).post("/people/wanda/password", old=PHRASE, password=password))
        with pytest.raises(Invalid, match="names that others know"):
            actions.change_password(as_actor(wanda), PHRASE, password)


def test_names_are_refused_at_set_up(app: Flask) -> None:
    typed = {**TYPED, "site_name": "The Ferry Post"}
    for password in ("ferrypost2026", "ada-lund-of-2026"):
        assert told(Browser(app).post(setup_path(), **{**typed, "password": password}))


def test_names_are_refused_at_the_machine(forum) -> None:  # noqa: F811
    site = ("--site-name", "The Ferry Post", "--name", "ada", "--password-stdin")
    refused = forum("init", *site, typed="ferrypost2026")
    assert refused.exit_code == 1 and "names that others know" in refused.output
    assert forum("init", *site, typed=PHRASE).exit_code == 0
    for password in ("ferrypost2026", "quietlake2026"):
        refused = forum("user", "add", "ida", "--email", "quiet@lake.example", "--password-stdin", typed=password)
        assert refused.exit_code == 1 and "names that others know" in refused.output


def told(answer: TestResponse) -> bool:
    """Tell whether a page refuses a password for the names in it."""
    return answer.status_code == 422 and "names that others know" in answer.text


def test_composed_and_decomposed_are_one_password():
    assert passwords.fits(passwords.hashed("schöne Grüße"), "schöne Grüße")


def test_no_hash_fits_nothing():
    assert not passwords.fits(None, "three owls on a wire")
    assert not passwords.fits("not a hash", "three owls on a wire")


def test_parameters_are_those_of_the_design():
    assert passwords.hashed("three owls on a wire").startswith("$argon2id$v=19$m=19456,t=2,p=1$")
