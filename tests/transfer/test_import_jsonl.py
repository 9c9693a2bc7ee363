"""Bring an archive in: byte for byte into an empty site, under new ids into another, all of it or nothing."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import select

from forum import db
from forum.articles import actions as articles
from forum.articles.models import Article
from forum.cases.models import Case, Flag
from forum.clock import now
from forum.closures.models import Closure
from forum.comments.models import Comment, Revision, Source
from forum.comments.writing import actions as comments
from forum.demo.fill import fill
from forum.errors import Forbidden, Invalid, SignInNeeded
from forum.ledger import actions as ledger
from forum.ledger.models import Entry
from forum.ledger.queries import first_broken
from forum.moderation import actions as moderation
from forum.moderation import consistency
from forum.notifications.models import Notice
from forum.objections import actions as objections
from forum.people.lookalikes import looks
from forum.people.models import NameKey, Person
from forum.policy import NOBODY, Actor
from forum.site.models import Site
from forum.transfer.checks import read_time
from forum.transfer.into.parents import closing_circles
from forum.transfer.lines import DEEPEST, decode, encode
from forum.transfer.report import sentences
from tests import factories
from tests.cast import Cast
from tests.comments.talk import exchange_with_remarks, let
from tests.moderation.scene import actor
from tests.transfer import scene
from tests.transfer.test_import_wxr import blog, comment, item


def test_out_in_and_out_again_gives_the_same_bytes(cast: Cast, empty: Flask) -> None:
    scene.furnish(cast)
    data = scene.taken_out()
    with empty.app_context():
        scene.bring_in(data)
        assert scene.taken_out() == data
        assert first_broken() is None


def test_what_closed_by_itself_comes_back_as_that(cast: Cast, empty: Flask) -> None:
    scene.furnish(cast)
    let(auto_close_days=30, auto_close_words="A month is over.")
    articles.set_auto_close(cast.ida, cast.article.id, 7, 0)
    db.session.add(Closure(article_id=cast.article.id, cause="age", words="A month is over."))
    db.commit()
    data = scene.taken_out()
    with empty.app_context():
        scene.bring_in(data)
        assert scene.taken_out() == data
        article = db.session.scalars(select(Article).where(Article.auto_close_days == 7)).one()
        assert article.auto_close_silent_days == 0
        assert db.session.scalars(select(Closure.cause).where(Closure.cause != "")).all() == ["age"]


def test_an_objection_that_was_upheld_comes_back_byte_for_byte(cast: Cast, empty: Flask) -> None:
    made = scene.furnish(cast)
    told = select(Notice.id).where(Notice.person_id == cast.otto.id, Notice.comment_id == made["rude"])
    objection = objections.object_to(actor(cast.otto), db.session.scalars(told).one(), "It is what it is.").id
    objections.decide(actor(cast.ada), objection, "upheld", "It is no insult.")
    db.commit()
    data = scene.taken_out()
    assert b"taken_back" in data
    with empty.app_context():
        scene.bring_in(data)
        assert scene.taken_out() == data


def test_the_demo_comes_back_byte_for_byte(app: Flask, empty: Flask) -> None:
    fill()
    db.commit()
    data = scene.taken_out()
    with empty.app_context():
        scene.bring_in(data)
        assert scene.taken_out() == data
        assert not db.session.get_one(Site, 1).is_demo


@pytest.mark.parametrize("whole", [True, False])
def test_remarks_beside_an_exchange_come_back_in_their_order(cast: Cast, empty: Flask, whole: bool) -> None:
    exchange_with_remarks(cast)
    order = _order(cast.article.slug)
    assert order != sorted(order)  # a late remark stands before an older answer
    slug, data = cast.article.slug, scene.taken_out(None if whole else cast.article.slug)
    with empty.app_context():
        scene.bring_in(data)
        assert _order(slug) == order


def test_one_article_comes_back_byte_for_byte(cast: Cast, empty: Flask) -> None:
    scene.furnish(cast)
    slug = cast.article.slug
    data = scene.taken_out(slug)
    with empty.app_context():
        scene.bring_in(data)
        assert scene.taken_out(slug) == data


def test_an_archive_that_is_older_than_cases_gets_them(cast: Cast, empty: Flask) -> None:
    scene.furnish(cast)
    data = scene.taken_out()
    older = [line for line in scene.lines(data) if line["type"] != "case"]
    for line in older:
        if line["type"] == "flag":
            del line["case"], line["reporter"]
    assert len(scene.of_type(data, "case")) == 4  # removed, reported, a guest's that waits, Nele's account
    with empty.app_context():
        scene.bring_in(scene.sealed(older))
        assert _cases(scene.taken_out()) == _cases(data)
        assert consistency.differences() == (3, [])


def _cases(data: bytes) -> list[str]:
    """Return the cases of an archive, and the reports' links to them, whatever the ids of cases are."""
    names = {case["id"]: f"{case['kind']} {case['comment']} {case['state']}" for case in scene.of_type(data, "case")}
    cases = [str({**case, "id": None}) for case in scene.of_type(data, "case")]
    return sorted(cases) + [
        f"{flag['id']} {names[flag['case']]} {flag['reporter']}" for flag in scene.of_type(data, "flag")
    ]


def test_cases_come_under_new_ids_into_another_site(cast: Cast, empty: Flask) -> None:
    scene.furnish(cast)
    data = scene.taken_out()
    with empty.app_context():
        factories.article(factories.person("Somebody", "author"))
        scene.bring_in(data)
        cases, flags = db.session.scalars(select(Case)).all(), db.session.scalars(select(Flag)).all()
        assert sorted(case.state for case in cases) == ["decided", "open", "open", "open"]
        assert {flag.case_id for flag in flags} <= {case.id for case in cases if case.report_count}
        assert consistency.differences() == (3, [])


def test_what_is_derived_is_worked_out_anew(cast: Cast, empty: Flask) -> None:
    scene.furnish(cast)
    before = _derived()
    data = scene.taken_out()
    with empty.app_context():
        scene.bring_in(data)
        assert _derived() == before


def test_a_second_import_adds_nothing(cast: Cast, empty: Flask) -> None:
    scene.furnish(cast)
    data = scene.taken_out()
    with empty.app_context():
        scene.bring_in(data)
        before = scene.everything()
        assert scene.bring_in(data).added == {}
        assert scene.everything() == before


def test_a_second_import_adds_nothing_where_an_admin_had_the_first_number(cast: Cast, empty: Flask) -> None:
    """As after `forum init`: the person of that number in the archive gets another one."""
    scene.furnish(cast)
    data = scene.taken_out()
    with empty.app_context():
        factories.person("Olive", "admin")
        scene.bring_in(data)
        before = scene.everything()
        assert scene.bring_in(data).added == {}
        assert scene.everything() == before


def test_the_same_site_takes_its_own_archive_as_nothing_new(cast: Cast) -> None:
    scene.furnish(cast)
    data = scene.taken_out()
    before = scene.everything()
    assert scene.bring_in(data).added == {}
    assert scene.everything() == before


def test_posting_closing_and_reporting_work_afterwards(cast: Cast, empty: Flask) -> None:
    made = scene.furnish(cast)
    data = scene.taken_out()
    with empty.app_context():
        scene.bring_in(data)
        otto = _actor("otto")
        article = db.session.scalars(select(Article)).one()
        new = comments.post(otto, article.id, "I have just arrived.", parent_id=made["first"])
        db.commit()
        assert new.id > max(made.values())
        moderation.flag(otto, made["last"], "other")
        db.commit()
        db.lock(article.id)
        db.session.add(Closure(article_id=article.id, branch_id=new.id, at_id=new.id, created_at=now()))
        db.commit()


def test_everybody_keeps_their_looks_so_that_nobody_else_takes_them(cast: Cast, empty: Flask) -> None:
    data = scene.taken_out()
    with empty.app_context():
        scene.bring_in(data)
        keys = {row.key: row.person_id for row in db.session.scalars(select(NameKey))}
        rosa = db.session.scalar(select(Person.id).where(Person.username == "rosa"))
        assert all(keys[key] == rosa for key in looks("Rosa"))


def test_into_a_site_with_discussions_everything_gets_new_ids(cast: Cast, empty: Flask) -> None:
    scene.furnish(cast)
    data = scene.taken_out()
    with empty.app_context():
        other = Cast(empty)
        scene.write(other.tom, other.article, "We talk here as well.")
        report = scene.bring_in(data, same_people=True)
        assert report.added["comment"] == 6
        assert report.present["person"] == 9  # by name
        slugs = set(db.session.scalars(select(Article.slug)))
        assert slugs == {other.article.slug, f"{other.article.slug}-2"}
        assert first_broken() is None
        before = scene.everything()
        assert scene.bring_in(data, same_people=True).added == {}
        assert scene.everything() == before


def test_parents_reports_and_closures_follow_to_the_new_ids(cast: Cast, empty: Flask) -> None:
    scene.furnish(cast)
    wanted = _shape()
    data = scene.taken_out()
    with empty.app_context():
        other = Cast(empty)
        scene.many(other.article, 7)
        scene.bring_in(data)
        assert _shape() == wanted


def test_an_imported_row_is_known_by_its_origin(cast: Cast, empty: Flask) -> None:
    made = scene.furnish(cast)
    data = scene.taken_out()
    with empty.app_context():
        Cast(empty)
        scene.bring_in(data)
        rows = db.session.execute(select(Comment.origin, Comment.foreign_id)).all()
        assert set(rows) == {(scene.lines(data)[0]["origin"], str(id)) for id in made.values()}


def test_among_others_nobody_comes_with_rights_over_them(cast: Cast, empty: Flask) -> None:
    factories.person("Zoe", "admin")
    data = scene.taken_out()
    with empty.app_context():
        Cast(empty)
        scene.bring_in(data)
        zoe = db.session.scalars(select(Person).where(Person.username == "zoe")).one()
        assert (zoe.role, zoe.password_hash) == ("author", None)


def test_what_a_set_up_site_does_not_take_is_told(cast: Cast, empty: Flask) -> None:
    factories.person("Zoe", "admin")
    factories.person("Yan", "moderator")
    scene.furnish(cast)
    db.lock()
    ledger.record("person.sign-up", now(), person_id=cast.tom.id)
    db.commit()
    data = scene.taken_out()
    with empty.app_context():
        Cast(empty)
        first, again = scene.bring_in(data, same_people=True), scene.bring_in(data)
    told = " ".join(sentences(first))
    assert "who are authors here: 2." in told
    assert "which this site decides itself, left out: 4." in told
    assert "settings, rules and other pages are not taken" in told
    assert "about nothing that came in, left out: 1." in told
    assert "act" not in first.present
    assert again.present["act"] == first.added["act"]


def test_a_look_alike_of_somebody_here_is_numbered(cast: Cast, empty: Flask) -> None:
    factories.person("R\u043es\u0430")  # two Cyrillic letters
    data = scene.taken_out()
    with empty.app_context():
        Cast(empty)
        rosa = factories.person("Rosa B")
        db.lock()
        db.session.add_all(NameKey(key=key, person_id=rosa.id) for key in looks("rosa"))
        db.commit()
        scene.bring_in(data, same_people=True)
        names = set(db.session.scalars(select(Person.display_name)))
        assert "R\u043es\u0430 2" in names


def test_acts_of_another_site_are_appended_with_their_own_time(cast: Cast, empty: Flask) -> None:
    made = scene.furnish(cast)
    data = scene.taken_out()
    hidden = next(line for line in scene.of_type(data, "act") if line["act"] == "comment.hide")
    with empty.app_context():
        Cast(empty)
        scene.bring_in(data)
        query = select(Entry.details).where(Entry.act == "comment.hide")
        imported = (db.session.scalars(query).one() or {})["imported"]
        assert (imported["number"], imported["at"]) == (hidden["id"], hidden["at"])
        assert db.session.scalars(select(Entry.at).where(Entry.act == "comment.hide")).one() == read_time(hidden["at"])
        assert first_broken() is None
    assert hidden["comment"] == made["rude"]


def test_what_was_erased_here_is_not_brought_back(cast: Cast) -> None:
    made = scene.furnish(cast)
    data = scene.taken_out()
    db.lock(cast.article.id)
    comment = db.session.get_one(Comment, made["last"])
    from forum.comments import statuses

    statuses.erase(comment)
    db.commit()
    scene.bring_in(data)
    assert db.session.get(Source, made["last"]) is None
    assert db.session.get_one(Comment, made["last"]).html == ""


def test_only_admins_import(cast: Cast) -> None:
    data = scene.taken_out()
    for person in (cast.quill, cast.tom):
        with pytest.raises(Forbidden):
            scene.bring_in(data, who=scene.actor(person))
    with pytest.raises(SignInNeeded):
        scene.bring_in(data, who=NOBODY)


def test_a_trial_writes_nothing_and_says_the_same(cast: Cast, empty: Flask) -> None:
    scene.furnish(cast)
    data = scene.taken_out()
    with empty.app_context():
        before = scene.everything()
        trial = scene.bring_in(data, dry_run=True)
        assert scene.everything() == before
        assert scene.bring_in(data).added == trial.added


@pytest.mark.parametrize("cut", [1, 40, 400, -1, -200])
def test_a_cut_archive_is_refused(cast: Cast, empty: Flask, cut: int) -> None:
    scene.furnish(cast)
    _refused(scene.taken_out()[:cut], empty, "cut off")


def test_an_archive_without_its_last_line_is_refused(cast: Cast, empty: Flask) -> None:
    data = scene.taken_out()
    _refused(data[: data.rstrip(b"\n").rindex(b"\n") + 1], empty, "before its last line")


def test_a_single_flipped_letter_is_noticed(cast: Cast, empty: Flask) -> None:
    scene.furnish(cast)
    _refused(scene.taken_out().replace(b"Then push.", b"Then pull."), empty, "Line .*checksum")


def test_a_missing_line_is_noticed(cast: Cast, empty: Flask) -> None:
    scene.furnish(cast)
    kept = scene.taken_out().splitlines(keepends=True)
    _refused(b"".join(kept[:5] + kept[6:]), empty, "checksum")


def test_lines_behind_the_end_are_refused(cast: Cast, empty: Flask) -> None:
    data = scene.taken_out()
    _refused(data + data.splitlines(keepends=True)[1], empty, "behind the end")


@pytest.mark.parametrize(
    "line",
    [
        b"{\n",
        b"[]\n",
        b"\n",
        b"\xff\xfe\n",
        b'{"type":"nonsense","id":1}\n',
        b'{"type":"tag","id":1,"slug":"a"}\n',
        b'{"type":"tag","id":true,"slug":"a","name":"A"}\n',
        b'{"type":"tag","id":0,"slug":"a","name":"A"}\n',
        b'{"type":"tag","id":9223372036854775807,"slug":"a","name":"A"}\n',
        b'{"type":"tag","id":1,"slug":"","name":"A"}\n',
        b'{"type":"tag","id":1,"slug":"a","name":"A","more":1}\n',
        b'{"type":"tag","id":1,"slug":"a","name":"\\u0000"}\n',
        b'{"type":"tag","id":1,"slug":"a","name":"\\ud800"}\n',
        b'{"type":"tag","id":1,"slug":"a","name":NaN}\n',
        b'{"type":"tag","id":1,"slug":"a","name":1e999}\n',
        b"[" * 200_000 + b"\n",
    ],
)
def test_every_malformed_line_is_refused_with_its_number(cast: Cast, line: bytes) -> None:
    kept = scene.taken_out().splitlines(keepends=True)
    before = scene.everything()
    with pytest.raises(Invalid, match="Line 3 of the archive"):
        scene.bring_in(b"".join([*kept[:2], line, *kept[2:]]))
    assert scene.everything() == before


@pytest.mark.parametrize(
    ("type", "values"),
    [
        ("comment", {"parent": 4711}),
        ("comment", {"parent": 1}),
        ("comment", {"author": "nobody-here"}),
        ("comment", {"article": "nowhere"}),
        ("comment", {"status": "visible"}),
        ("comment", {"created_at": "yesterday"}),
        ("comment", {"created_at": "2026-01-01T00:00:00"}),
        ("person", {"role": "owner"}),
        ("person", {"username": "x" * 61}),
        ("article", {"source_url": "javascript:alert(1)"}),
        ("article", {"tags": ["nowhere"]}),
        ("article", {"author": "nobody-here"}),
        ("flag", {"comment": 4711}),
        ("closure", {"people": ["tom", "rosa", "ida"]}),
        ("closure", {"people": ["nobody-here"]}),
        ("closure", {"article": None}),
        ("closure", {"tag": "nowhere"}),
        ("closure", {"branch": 4711}),
    ],
)
def test_an_archive_that_does_not_hold_together_is_refused_whole(
    cast: Cast, empty: Flask, type: str, values: dict[str, object]
) -> None:
    scene.furnish(cast)
    _refused(scene.altered(scene.taken_out(), type, **values), empty, ".")


def test_comments_that_answer_each_other_in_a_circle_are_refused(cast: Cast, empty: Flask) -> None:
    made = scene.furnish(cast)
    _refused(scene.altered(scene.taken_out(), "comment", parent=made["last"]), empty, "answers itself")


def test_html_in_an_archive_is_cleaned(cast: Cast, empty: Flask) -> None:
    scene.furnish(cast)
    evil = "<p onclick=x>Hello<script>alert(1)</script><a href=javascript:alert(1)>x</a>"
    data = scene.altered(scene.taken_out(), "comment", format="html", source=evil)
    with empty.app_context():
        scene.bring_in(data)
        html = db.session.scalars(select(Comment.html).order_by(Comment.id)).first() or ""
        assert "Hello" in html
        assert "script" not in html
        assert "onclick" not in html


def test_a_reply_may_stand_before_its_parent(cast: Cast, empty: Flask) -> None:
    made = scene.furnish(cast)
    records = scene.lines(scene.taken_out())
    at = [index for index, record in enumerate(records) if record["type"] == "comment"]
    records[at[0] : at[-1] + 1] = records[at[0] : at[-1] + 1][::-1]
    with empty.app_context():
        scene.bring_in(scene.sealed(records))
        assert db.session.get_one(Comment, made["last"]).parent_id == made["answer"]
        assert db.session.get_one(Comment, made["last"]).depth == 2


def test_a_chain_of_ten_thousand_comes_back(cast: Cast, empty: Flask) -> None:
    scene.many(cast.article, 10_000, thread=10_000, body="So it is.")
    data = scene.taken_out()
    with empty.app_context():
        scene.bring_in(data)
        assert db.session.scalar(select(db.db.func.max(Comment.depth))) == 9_999
        assert scene.taken_out() == data


def test_of_every_circle_one_comment_is_found() -> None:
    assert closing_circles({1: 1}) == [1]
    assert len(closing_circles({1: 2, 2: 3, 3: 1, 4: 1, 5: 6, 6: 5, 7: 8})) == 2
    assert closing_circles({number: number + 1 for number in range(100_000)}) == []


def test_settings_come_to_a_site_that_was_not_set_up(cast: Cast, empty: Flask) -> None:
    data = scene.taken_out()
    with empty.app_context():
        scene.bring_in(data)
        site = db.session.get_one(Site, 1)
        assert site.name == "The Reading Room"
        assert site.set_up_at is not None


@pytest.mark.parametrize("details", [b'{"a":1e999}', b'{"a":-1e999}'])
def test_numbers_that_no_archive_could_say_again_are_refused(cast: Cast, empty: Flask, details: bytes) -> None:
    scene.furnish(cast)
    data = scene.altered(scene.taken_out(), "act", details={"put": "here"})
    _refused(data.replace(b'{"put":"here"}', details), empty, "Line .* the number -?1e999 is too large")


def test_no_line_is_written_that_could_not_be_read() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        encode({"type": "act", "details": {"a": float("inf")}})


@pytest.mark.parametrize("depth", [DEEPEST, 975, 100_000])
def test_details_that_are_nested_too_deeply_are_refused_by_name(cast: Cast, empty: Flask, depth: int) -> None:
    scene.furnish(cast)
    data = scene.altered(scene.taken_out(), "act", details={"put": "here"})
    deep = b'{"a":' * (depth - 1) + b"{}" + b"}" * (depth - 1)
    _refused(data.replace(b'{"put":"here"}', deep), empty, f"Line .* nested too deeply, more than {DEEPEST}")


def test_details_may_be_nested_to_the_depth_that_is_allowed() -> None:
    deep = b'{"a":' * (DEEPEST - 1) + b"{}" + b"}" * (DEEPEST - 1) + b"\n"
    assert encode(decode(deep)) == deep


def test_unsafe_settings_are_refused(cast: Cast, empty: Flask) -> None:
    records = scene.lines(scene.taken_out())
    records[0]["site"]["footer_links"] = [{"label": "Here", "url": "javascript:alert(1)"}]
    records[-1]["site"] = records[0]["site"]
    _refused(scene.sealed(records), empty, "Line 1.*unsafe")


HOSTILE = [
    *(("comment", {"created_at": f"{year}-01-01T00:00:00.000000Z"}) for year in ("0001", "1969", "2200", "9999")),
    ("person", {"approved_at": "9999-12-31T23:59:59.000000Z"}),
    ("closure", {"until": "9999-12-31T00:00:00.000000Z"}),
    *(("article", {"slug": slug}) for slug in ("../admin", "new", "a\nb", "a b", "-", "a--b", "a/b", "")),
    ("article", {"title": "Pay 100 \u202e001"}),
    *(("person", {"display_name": name}) for name in ("Ada \u202eadA", "Guest", " Ada", "a\nb", "\u200b", "")),
    *(("comment", {"guest": name}) for name in ("a@b.example", "a\ufe6bb.example", "\u3164", "\u2800", "", "a\u202eb")),
    *(("person", {"username": name}) for name in ("system", "a b", "x\u202ey", "-ada", "a/b")),
    ("comment", {"status": "visible"}),
    ("decision", {"decision": "burn"}),
    ("decision", {"before": {"1": "visible"}}),
    ("decision", {"before": {"x": "published"}}),
    ("decision", {"before": {"\u0661": "published"}}),
    ("flag", {"reason": "because"}),
    ("notice", {"kind": "prize"}),
    ("notice", {"details": {"words": ["a"]}}),
    ("notice", {"details": {"more": "<b>"}}),
    *(("subscription", {"of": of}) for of in (["x", 1], ["tag", 0], ["site", 1], ["answers", "1"], [[], 1], ["site"])),
    ("person", {"mail_when": {"answer": "sometimes"}}),
    ("act", {"act": "Comment.hide"}),
    ("act", {"details": []}),
]


@pytest.mark.parametrize(("type", "values"), HOSTILE)
def test_what_no_form_would_take_is_refused_with_its_line(
    cast: Cast, empty: Flask, type: str, values: dict[str, object]
) -> None:
    scene.furnish(cast)
    _refused(scene.altered(scene.taken_out(), type, **values), empty, "Line .* cannot be")


def test_the_chain_is_verified_among_others_too(cast: Cast, empty: Flask) -> None:
    scene.furnish(cast)
    data = scene.altered(scene.taken_out(), "act", rule="Never said")
    with empty.app_context():
        Cast(empty)
        with pytest.raises(Invalid, match="does not fit the entry before it"):
            scene.bring_in(data)


def test_imported_acts_are_nobodys_here_and_say_whose_they_were(cast: Cast, empty: Flask) -> None:
    scene.furnish(cast)
    data = scene.taken_out()
    with empty.app_context():
        Cast(empty)
        before = db.session.scalar(select(db.db.func.max(Entry.id))) or 0
        scene.bring_in(data, same_people=True)
        acts = db.session.scalars(select(Entry).where(Entry.id > before, Entry.act != "site.import")).all()
        assert {act.actor_id for act in acts} | {act.person_id for act in acts} == {None}
        (hidden,) = [act.details for act in acts if act.act == "comment.hide"]
        assert hidden
        assert hidden["imported"]["actor"] == "quill"


def test_a_name_of_somebody_here_is_not_theirs_unless_the_admin_says_so(cast: Cast, empty: Flask) -> None:
    scene.furnish(cast)
    data = scene.taken_out()
    with empty.app_context():
        other = Cast(empty)
        scene.bring_in(data)
        written = set(db.session.scalars(select(Comment.author_id)))
        assert not written & {other.tom.id, other.rosa.id, other.otto.id}


def test_what_may_be_stored_comes_back_and_what_may_not_is_refused_by_name(app: Flask, empty: Flask) -> None:
    scene.bring_in(blog(item(content="word " * 900_000)), "wxr")  # over four million characters
    data = scene.taken_out()
    with empty.app_context():
        scene.bring_in(data)
        assert scene.taken_out() == data
    links = "http://a.example/ " * 440_000  # under eight million; as links over
    with pytest.raises(Invalid, match="The second: a text of more than"):
        scene.bring_in(blog(item(content=links, title="The second")), "wxr")
    signs = "&amp;" * 1_700_000  # as HTML of five signs each
    with pytest.raises(Invalid, match="Passer-by, 3: a text of more than"):
        scene.bring_in(blog(item(comment(3, content=signs))), "wxr")


def _refused(data: bytes, empty: Flask, why: str) -> None:
    with empty.app_context():
        before = scene.everything()
        with pytest.raises(Invalid, match=why):
            scene.bring_in(data)
        assert scene.everything() == before


def _order(slug: str) -> list[datetime]:
    """Return when the comments of an article were written, in reading order."""
    query = select(Comment.created_at).join(Article, Article.id == Comment.article_id).where(Article.slug == slug)
    return list(db.session.scalars(query.order_by(Comment.root_id, Comment.pos)))


def _derived() -> list[object]:
    names = ("id", "root_id", "depth", "reply_count", "closure_count", "thread_number", "thread_size", "html")
    rows = db.session.execute(select(*(getattr(Comment, name) for name in names)).order_by(Comment.id)).all()
    counts = select(Article.comment_count, Article.thread_count, Article.last_comment_at, Article.html)
    return [*map(tuple, rows), *map(tuple, db.session.execute(counts))]


def _shape() -> list[object]:
    """Return the imported threads by what stands in them, whatever their ids."""
    above = db.db.aliased(Comment)
    threads = select(Source.source, Comment.status, above.html).join(Comment, Comment.id == Source.comment_id)
    rows = db.session.execute(
        threads.outerjoin(above, above.id == Comment.parent_id).where(Comment.guest_name.is_(None))
    )
    flags = select(Comment.html, Flag.reason).join(Comment, Comment.id == Flag.comment_id)
    closures = select(Closure.words, Comment.html).outerjoin(Comment, Comment.id == Closure.branch_id)
    closures = closures.where(Closure.article_id.is_not(None))  # a site stands by what its own moderators closed
    revisions = select(Revision.source, Comment.html).join(Comment, Comment.id == Revision.comment_id)
    others = [db.session.execute(query).all() for query in (flags, closures, revisions)]
    return [json.dumps(sorted(map(str, map(tuple, found)))) for found in (rows.all(), *others)]


def _actor(username: str) -> Actor:
    return scene.actor(db.session.scalars(select(Person).where(Person.username == username)).one())
