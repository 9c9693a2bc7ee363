"""How long the words of a closure may be."""

from __future__ import annotations

MAX_WORDS = 1000  # characters of closing words: a paragraph, for it stands where the replies would go
