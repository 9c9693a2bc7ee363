"""How long the words of a closure may be, and how long it may last."""

from __future__ import annotations

from datetime import timedelta

LONGEST = timedelta(days=3653)  # ten years; what lasts longer is closed for good
MAX_WORDS = 1000  # characters of closing words: a paragraph, for it stands where the replies would go
