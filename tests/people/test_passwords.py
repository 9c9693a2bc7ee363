"""Passwords (bar 27)."""

import pytest

from forum.errors import Invalid
from forum.people import passwords


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


def test_composed_and_decomposed_are_one_password():
    assert passwords.fits(passwords.hashed("schöne Grüße"), "schöne Grüße")


def test_no_hash_fits_nothing():
    assert not passwords.fits(None, "three owls on a wire")
    assert not passwords.fits("not a hash", "three owls on a wire")


def test_parameters_are_those_of_the_design():
    assert passwords.hashed("three owls on a wire").startswith("$argon2id$v=19$m=19456,t=2,p=1$")
