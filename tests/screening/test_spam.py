"""What the site learns from its own decisions, with real comments that people sorted."""

from __future__ import annotations

import csv
import html
import random
from pathlib import Path

import pytest

from forum.screening.rules import SCORE
from forum.screening.spam import LEAST, Model

HAM = [f"<p>I walked along the canal on day {n} and saw the herons.</p>" for n in range(LEAST)]
SPAM = [f'<p>Cheap watches {n}, <a href="https://watches.example/{n}">buy now</a></p>' for n in range(LEAST)]


def sorted_by_people(shared: Path) -> list[tuple[str, str]]:
    with (shared / "spam" / "youtube01-psy.csv").open(encoding="utf-8", errors="replace", newline="") as file:
        return [(row[0], f"<p>{html.escape(row[1])}</p>") for row in csv.reader(file)]


@pytest.mark.parametrize("seed", range(3))
def test_real_spam_is_found_and_real_talk_is_let_be(shared, seed):
    texts = sorted_by_people(shared)
    random.Random(seed).shuffle(texts)
    seen, new = texts[: len(texts) // 2], texts[len(texts) // 2 :]
    model = Model.learned(*([text for kind, text in seen if kind == wanted] for wanted in ("spam", "ham")))
    held = [kind for kind, text in new if model.score(text) >= SCORE]
    precision, recall = held.count("spam") / len(held), held.count("spam") / [kind for kind, _ in new].count("spam")
    print(f"precision {precision:.3f}, recall {recall:.3f}, of {len(new)} comments not seen before")  # noqa: T201 -- shown
    assert precision > 0.93
    assert recall > 0.85


def test_too_little_is_no_evidence():
    assert Model.learned(SPAM[1:], HAM).score(SPAM[0]) == 0.0
    assert Model.learned([], []).score(SPAM[0]) == 0.0


def test_a_text_of_unknown_words_is_not_spam():
    model = Model.learned(SPAM, HAM)
    assert model.score("<p>Ακούω τη θάλασσα</p>") < SCORE
    assert model.score("") < SCORE
    assert model.score(SPAM[0]) > SCORE > model.score(HAM[0])


def test_what_is_kept_is_what_was_learned_and_has_no_word():
    model = Model.learned(SPAM, HAM)
    packed = model.packed()
    assert Model.unpacked(packed, model.spam_texts, model.ham_texts) == model
    assert b"watches" not in packed


def test_a_huge_text_has_an_end():
    assert 0.0 <= Model.learned(SPAM, HAM).score(f"<p>{'buy now ' * 100_000}</p>") <= 1.0
