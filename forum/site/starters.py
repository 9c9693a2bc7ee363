"""The documents that a new site begins with. Each is marked as a starter until an admin writes another."""

from __future__ import annotations

from flask_babel import force_locale, gettext

_ = str  # marks the texts for the catalogues of translations
SLUGS = ("rules", "privacy", "contact")

_TEXTS = {
    "rules": _("""\
These rules are for everybody who writes here. When a comment is removed, its writer is told which rule it was.

1. Stay with the subject. Answer what the article or the other person said, not what you expected them to say.
2. Argue about what is said, not about who says it. No insults, no threats, no mocking of a person.
3. Nobody is attacked for where they come from, what they believe, whom they love or what their body is like.
4. What is private stays private. No addresses, telephone numbers, letters or pictures of others without their consent.
5. No advertising, no chains of links, no texts posted again and again.
6. Nothing that breaks the law. What you take from others is quoted, with its source.
"""),
    "privacy": _("""\
What is listed above follows from how this site is set up and is always up to date.

You can ask the people who run this site what is kept about you, have it corrected, and have it deleted. How to reach
them is on the contact page.
"""),
    "contact": _("""\
Is something wrong here about you, or does something here break the law? You need no account: write to the people who
run this site, with the address of the page and what is wrong with it.
"""),
}


def starter(slug: str, language: str) -> str:
    """Return the text of a document in a language."""
    with force_locale(language):
        return str(gettext(_TEXTS[slug]))
