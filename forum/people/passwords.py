"""Passwords: which are accepted, and their hashes. Hashing takes 20 ms, so it comes before any lock."""

from __future__ import annotations

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask_babel import gettext as _

from forum.errors import Invalid

SHORTEST = 8  # characters
LONGEST = 1024  # bytes: no phrase is longer, and hashing a megabyte would waste time
DEMO_PASSWORD = "correspondence-demo"  # noqa: S105 -- public on purpose: it opens demo sites only
# OWASP's second choice for Argon2id: as strong as the library's defaults for us, at an eighth of the time.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# The hash of random bytes that were not kept. It is checked where there is no such person, so that both answers take
# equal work.
_NOBODYS = "$argon2id$v=19$m=19456,t=2,p=1$6F4uYLHFuMtcyUrWKU3sEQ$gOKVWfiD50Vg4Kg7uqBA0ZOrcdEl+OW6IJeu20FQKXE"
FEWEST_GUESSES = 10_000_000  # with the tries that `people.views.tries` lets anybody have, ten years
LOOKED_AT = 24  # characters: more takes up to half a second of work, and nobody who typed so many chose a common word


def check(password: str, *words: str) -> None:
    """Refuse a password that is too short, too long, guessed early, or made of `words` (names of site and person).

    Common passwords and words, also with years, repetitions, rows of keys and signs instead of letters, are guessed
    early. No rule asks for kinds of characters: such rules make passwords worse. Raises Invalid for `password`.
    """
    if too_long(password):
        raise Invalid({"password": _("A password can be up to %(n)s bytes long.", n=LONGEST)})
    if len(password) < SHORTEST:
        raise Invalid({"password": _("A password has at least %(n)s characters.", n=SHORTEST)})
    if password == DEMO_PASSWORD:
        raise Invalid({"password": _("This is the password of the demo. Choose another.")})
    if _is_guessed(password, words) or _letters(password) in set(map(_letters, words)) - {""}:
        raise Invalid({"password": _("This password is among the first anybody would try. Choose another.")})


def too_long(password: str) -> bool:
    """Tell whether a password is too long to be checked."""
    return len(password.encode("utf-8", "surrogatepass")) > LONGEST


def hashed(password: str) -> str:
    """Return the Argon2id hash of a password; `check()` it first."""
    return _hasher.hash(_normal(password))


def fits(stored: str | None, password: str) -> bool:
    """Tell whether a password fits a hash. One verification, whether there is a hash or not."""
    try:
        return _hasher.verify(stored or _NOBODYS, _normal(password)) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(stored: str) -> bool:
    """Tell whether a hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(stored)


def _normal(password: str) -> bytes:
    # The same letter typed on two keyboards may come composed or not.
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


def _is_guessed(password: str, words: tuple[str, ...]) -> bool:
    from zxcvbn import zxcvbn  # takes 14 MB and 40 ms, and most processes see no new password

    parts = {part for word in words for part in (word, *word.split(), "".join(word.split()))}
    folded = unicodedata.normalize("NFKC", password)[:LOOKED_AT]
    return bool(zxcvbn(folded, user_inputs=sorted(parts))["guesses"] < FEWEST_GUESSES)


def _letters(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKC", text).casefold() if char.isalpha())
