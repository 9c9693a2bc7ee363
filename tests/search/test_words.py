"""Which words find which texts, in several languages; and questions of every odd kind."""

from __future__ import annotations

import pytest

from forum.search import asked
from forum.search.matching import EXCERPT, match
from forum.search.words import terms, units, words
from tests.comments.talk import say

# A text, what finds it, and what does not.
FOUND = {
    "German": ("Bücher über Straßen in ÖSTERREICH", ["bücher", "bucher", "BÜCHER", "strassen", "Straßen", "österreich"],
               ["buecher", "straszen"]),
    "decomposed": ("Bu\u0308cher", ["Bücher", "bucher", "Bu\u0308cher"], ["ucher"]),
    "French": ("L'été à Nîmes, le cœur", ["ete", "été", "nimes", "l'ete", "coeur", "cœur"], ["lete"]),
    "Polish": ("Łódź", ["lodz", "łódź", "LODZ"], ["lodzi"]),
    "Danish": ("Smørrebrød på Ærø", ["smorrebrod", "Smørrebrød", "aero", "ærø"], ["smoerrebroed"]),
    "Turkish": ("İstanbul ısı", ["istanbul", "ISI", "isi"], ["stanbul"]),
    "Greek": ("Η οδός της Αθήνας", ["οδος", "ΟΔΟΣ", "οδός", "αθηνας", "ΑΘΉΝΑΣ"], ["odos"]),
    "Russian": ("Ёлка и мой самовар", ["елка", "ёлка", "ЕЛКА", "мои", "мой"], ["елк "]),
    "Hebrew": ("שָׁלוֹם לצה״ל", ["שלום", "שָׁלוֹם", 'לצה"ל', "לצה״ל"], ["שלומ"]),
    "Arabic": ("كِتَابٌ", ["كتاب", "كِتَابٌ"], ["كتب"]),
    "Hindi": ("हिन्दी भाषा", ["हिन्दी", "भाषा"], ["हन"]),
    "Chinese": ("我们在北京大学学习。", ["北京", "北京大学", "大学", "京大", "学", "我"], ["京北", "北大", "猫"]),
    "Japanese": ("東京タワーは高いガラス", ["東京", "タワー", "東", "高い", "ｶﾞﾗｽ", "ス"], ["カラス", "京東"]),
    "Korean": ("한국어를 배운다", ["한국어", "한국", "국어를", "다"], ["국한"]),
    "Thai": ("ภาษาไทยง่าย", ["ไทย", "ภาษา"], ["ยไท"]),
    "wide and narrow": ("ＡＢＣ １２３ ﬁnal", ["abc", "123", "final"], ["ab "]),
    "mixed": ("5月6日のiPhoneの話", ["5月", "iphone", "6日", "の話"], ["7月"]),
}  # fmt: skip


@pytest.mark.parametrize("language", FOUND)
def test_a_text_is_found_by_what_people_type(language):
    text, finding, missing = FOUND[language]
    for q in finding:
        assert found(text, q), q
    for q in missing:
        assert not found(text, q), q


def found(text, q):
    """Tell whether a question finds a text: the index must propose it, and the text itself must have it."""
    question, kept = asked.read(q), terms(text)
    proposed = question.terms <= kept and all(
        any(term.startswith(beginning) for term in kept) for beginning in question.beginnings
    )
    matched = match(text, question) is not None
    assert proposed or not matched, "a text is missed that has the words"
    return proposed and matched


def test_both_databases_find_the_same(cast, finder):
    made = {language: say(cast.tom, cast.article, text) for language, (text, *_) in FOUND.items()}
    finder.index()
    for language, (_, finding, missing) in FOUND.items():
        for q in finding:
            assert made[language] in finder.comments(q), (language, q)
        assert made[language] not in finder.comments(missing[0]), language


def test_the_words_are_those_of_the_units():
    for text, *_ in FOUND.values():
        assert words(text) == [unit.word for unit in units(text)]


def test_the_excerpt_is_short_and_about_what_was_found():
    text = "Nothing here. " * 100 + "At last the unicorn came home. " + "And nothing again. " * 100
    parts = match(text, asked.read("unicorn home")).excerpt()
    shown = "".join(words for words, _ in parts)
    assert [words for words, is_found in parts if is_found] == ["unicorn", "home"]
    assert len(shown) <= EXCERPT + 5 and shown.startswith("… ") and shown.endswith("…")


ODD = [
    '"', '""', '"""', "*", "**", "-", "--", '-"', "NEAR", "NEAR(a b, 5)", "a AND b OR NOT c", "a:b", "^a", "{a b}: c",
    "%", "_", "\\", "';--", "a' OR 1=1", "& | ! <-> :*", "a & !b", "(((", "\u200b", "\ufeff", "\u202e", "🎉",
    "👩‍👩‍👧‍👧",
    "\ud800", "a\ud800b", "\U0010ffff*", "=a1", "=p1", "a" * 10_000, "a " * 1000, "猫" * 5000, "\u0301" * 300,
    '"a ' * 400, "-a " * 400, "a* " * 100, "½ ﷺ ﷻ", "ﷺ" * 300, "\t\n", "<script>alert(1)</script>", "e\u0301" * 100,
]  # fmt: skip


@pytest.mark.parametrize("q", ODD, ids=lambda q: ascii(q[:12]))
def test_odd_questions_are_read_and_cost_little(q):
    question = asked.read(q)
    assert len(question.wanted) + len(question.unwanted) <= asked.MOST
    assert all(len(term) <= 80 for term in question.terms | question.beginnings)
    match("Some words of a text. " * 50, question)


def test_odd_questions_are_answered(cast, finder):
    say(cast.tom, cast.article, "A text of a and b.")
    finder.index()
    for q in ODD:
        address = {"q": q.encode("utf-8", "surrogatepass")}
        answer = cast.browser().get("/search", query_string=address)
        assert answer.status_code in (200, 400, 414), q
        assert "<script>alert" not in answer.text
        assert answer.status_code != 414 or "That is too long" in answer.text
        if answer.status_code == 200:
            assert "What was found" in answer.text or 'class="problem"' in answer.text or not q.strip(), ascii(q)


def test_no_sign_of_the_index_can_be_asked_for(cast, finder):
    """What is kept beside the words, as whose text it is, begins with a sign that no word has."""
    say(cast.tom, cast.article, "A herring.")
    finder.index()
    assert finder.comments(f"=p{cast.tom.id}") == []
    assert finder.comments(f'"=a{cast.article.id}"') == []


def test_a_very_long_question_says_that_it_was_cut(cast, finder):
    assert "That is too long" in finder.page(" ".join(f"word{number}" for number in range(20)))
