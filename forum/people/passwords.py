"""Passwords: which are accepted, and their hashes. Hashing takes 20 ms, so it comes before any lock."""

from __future__ import annotations

import re
import string
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
_SIGNS = str.maketrans("013457@$!", "oieastasi")  # what is typed instead of letters
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})  # as they are typed where the keyboard has none
_AROUND = str.maketrans("", "", string.punctuation + string.whitespace)
_FEW_LETTERS = 3  # that stand beside names without being a word of their own: "2nd", "xyz"


def check(password: str, *names: str) -> None:
    """Refuse a password that is too short, too long, guessed early, or made of `names` (site, person, mail address).

    Common passwords and words, also with years, repetitions, rows of keys and signs instead of letters, are guessed
    early. No rule asks for kinds of characters: such rules make passwords worse. Raises Invalid for `password`.
    """
    if too_long(password):
        raise Invalid({"password": _("A password can be up to %(n)s bytes long.", n=LONGEST)})
    if len(password) < SHORTEST:
        raise Invalid({"password": _("A password has at least %(n)s characters.", n=SHORTEST)})
    if password == DEMO_PASSWORD:
        raise Invalid({"password": _("This is the password of the demo. Choose another.")})
    if _is_made_of(password, names):
        words = _(
            "This is made of names that others know: the site's, yours, or those in the mail address. Choose another."
        )
        raise Invalid({"password": words})
    if _is_guessed(password, names):
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


def _is_guessed(password: str, names: tuple[str, ...] = ()) -> bool:
    from zxcvbn import zxcvbn  # takes 14 MB and 40 ms, and most processes see no new password

    parts = {part for name in names for part in (name, *name.split(), "".join(name.split()))}
    folded = unicodedata.normalize("NFKC", password)[:LOOKED_AT]
    return bool(zxcvbn(folded, user_inputs=sorted(parts))["guesses"] < FEWEST_GUESSES)


def _is_made_of(password: str, names: tuple[str, ...]) -> bool:
    """Tell whether beside parts of names a password has only signs, a few letters, and digits soon guessed.

    Another word makes it a phrase, which `_is_guessed` judges as a whole.
    """
    words = [_words(spelled) for name in names for spelled in _spellings(name)]
    parts = {part for several in words for part in (*several, "".join(several)) if len(part) > 1}
    folded = _folded(password)
    for typed in {folded, folded.translate(_SIGNS)}:
        rest = typed
        for part in sorted(parts, key=len, reverse=True):
            rest = rest.replace(part, "")
        left = rest.translate(_AROUND)
        if rest != typed and sum(map(str.isalpha, left)) <= _FEW_LETTERS and (not left or _is_guessed(left)):
            return True
    return False


def _spellings(name: str) -> tuple[str, str]:
    return name, unicodedata.normalize("NFC", name).lower().translate(_UMLAUTS)


def _words(name: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", _folded(name))


def _folded(text: str) -> str:
    """Return a text in small letters without accents."""
    apart = unicodedata.normalize("NFKD", text).casefold()
    return "".join(char for char in apart if not unicodedata.combining(char))
