"""Summaries of what is wrong with a form: they name the field, lead to it, and have the focus (WCAG 3.3.1)."""

from __future__ import annotations

import re

import pytest

from tests.cast import Cast
from tests.closures.test_close import end
from tests.comments.talk import let, say

PROBLEM = re.compile(r'<div class="problem" role="alert" tabindex="-1" autofocus>.*?</div>', re.DOTALL)
FORMS = [
    ("", "/sign-in", {}, ["Name or mail address", "Password"]),
    ("", "/sign-up", {"username": "x", "password": "y"}, ["Sign-in name", "Password"]),
    ("", "/articles/{slug}/comments", {"body": "Hm."}, ["Your name"]),
    ("ida", "/articles/new", {"source_name": "The Paper"}, ["Title", "Text"]),
    ("ida", "/articles/{slug}/edit", {"title": "T", "body": "B", "source_url": "x"}, ["Address of the source"]),
    ("ida", "/articles/{slug}/close", {"words": "x" * 2000}, ["Closing words"]),
    ("ida", "/articles/{slug}/close", {"period": "x", "delay": "x"}, ["For how long", "From when on"]),
    ("tom", "/articles/{slug}/comments", {"body": " "}, ["Your comment"]),
    ("tom", "/comments/{comment}/reply", {"body": ""}, ["Your comment"]),
    ("tom", "/comments/{comment}/edit", {"body": ""}, ["Your comment"]),
    ("rosa", "/comments/{comment}/flag", {"reason": "", "note": ""}, []),
    ("quill", "/comments/{comment}/close", {"reach": "nothing", "words": "x" * 2000}, ["Closing words"]),
    ("quill", "/moderation/queue/{comment}", {"decision": "hide", "note": "x" * 2000}, []),
    ("quill", "/moderation/queue/{comment}", {"decision": "nonsense"}, ["Decision"]),
    ("quill", "/closures/{closure}/reopen", {"reason": "x" * 2000}, ["Why? (shown to everybody)"]),
    ("quill", "/moderation/people/tom/warning", {"words": ""}, ["What the person reads"]),
    ("quill", "/moderation/replies", {"title": "", "text": ""}, ["Title, as it stands in the list", "The text"]),
    ("", "/report", {"addresses": ""}, ["Where is it?", "What is it?"]),
    ("tom", "/people/tom/edit", {"display_name": ""}, ["Name shown to others"]),
    ("tom", "/people/tom/password", {}, ["New password", "Your password now"]),
    ("ada", "/admin/documents/rules", {"source": ""}, ["Text"]),
    ("ada", "/admin/invitations", {"note": "x" * 2000}, ["For whom"]),
    ("ada", "/admin/settings", {"name": "", "timezone": "Nowhere"}, []),
]


@pytest.mark.parametrize(("who", "url", "fields", "named"), FORMS, ids=[f"{form[0]}{form[1]}" for form in FORMS])
def test_a_summary_names_each_field_and_leads_to_it(
    cast: Cast, who: str, url: str, fields: dict[str, str], named: list[str]
) -> None:
    let(who_may_comment="guests")
    comment = say(cast.tom, cast.article)
    closure = end(cast, say(cast.rosa, cast.article))
    browser = cast.browser(getattr(cast, who) if who else None)
    answer = browser.post(url.format(slug=cast.article.slug, comment=comment, closure=closure), **fields)
    assert answer.status_code == 422
    found = PROBLEM.search(answer.text)
    assert found
    assert answer.text.count("autofocus") == 1
    links = re.findall(r'<a href="#([^"]+)">([^<]+)</a>:? [^<]+', found[0])
    assert [label for _, label in links if (f"{label}</a>:" in found[0]) == label.endswith("?")] == []
    assert len(links) == found[0].count("<li>") > 0
    assert [id for id, _ in links if f'id="{id}"' not in answer.text] == []
    assert [label for label in named if not any(label in words for _, words in links)] == []
