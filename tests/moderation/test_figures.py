"""The figures of the desk: what is counted, for whom, in which time, as charts, tables and for spreadsheets."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import bindparam, text, update

from forum import db
from forum.articles.models import Tag
from forum.cases.models import Case, Flag
from forum.clock import now
from forum.comments.models import Comment
from forum.errors import Forbidden
from forum.moderation import actions, charts, periods
from forum.moderation.charts import Column
from forum.moderation.models import Decision
from forum.moderation.queries import figures as queries
from forum.moderation.queries.figures import Waits, figures
from tests import factories
from tests.comments.talk import counted, let, say
from tests.moderation import scene

ZONE = ZoneInfo("UTC")
HOURS = timedelta(hours=1)


def period(month=""):
    today = now().date()
    return periods.month(month, today, ZONE) if month else periods.recent(today, ZONE)


def figures_of(person, month=""):
    return figures(scene.actor(person), period(month))


def tagged(article, *names):
    db.lock(article.id)
    article.tags = [
        db.session.query(Tag).filter_by(name=name).first() or Tag(slug=f"t{n}", name=name)
        for n, name in enumerate(names)
    ]
    db.commit()


def sums(found):
    return tuple(found.total(measure) for measure in queries.MEASURES)


def put_back(model, id, **moments):
    """Let a row be older than it is."""
    db.lock()
    db.session.execute(update(model).where(model.id == id).values(**moments))
    db.commit()


@pytest.fixture
def busy(cast):
    """Four comments, two of them reported and decided, one held and published, the last one yesterday's."""
    let(who_may_comment="guests")
    tagged(cast.article, "Libraries")
    removed, kept, old = (say(cast.tom, cast.article) for _ in range(3))
    held = scene.write(None, cast.article)
    for comment, reason in ((removed, "abuse"), (kept, "spam")):
        scene.report(cast.rosa, comment, reason)
    scene.report(None, removed, "abuse")
    scene.decide(cast.quill, removed, "hide")
    scene.decide(cast.quill, kept, "keep")
    scene.decide(cast.quill, held, "keep")
    put_back(Comment, old, created_at=now() - timedelta(days=1))
    return cast


def test_what_is_counted(busy):
    found = figures_of(busy.quill)
    assert sums(found) == (4, 3, 1, 1)
    today, yesterday = found.days[-1], found.days[-2]
    assert (today.comments, today.reports, today.holds, today.removals) == (3, 3, 1, 1)
    assert (yesterday.comments, yesterday.reports) == (1, 0)
    assert today.waits.decisions == found.waits.decisions == 3
    assert found.reports == [("abuse", 2), ("spam", 1)]
    assert found.holds == [("guest", 1)]
    assert [(rule.split(".")[0], number) for rule, number in found.removals] == [("1", 1)]
    assert [(line.key, line.comments, line.reports, line.removals) for line in found.subjects] == [
        ("Libraries", 4, 3, 1)
    ]


def test_what_was_taken_back_is_no_removal_and_no_decision(busy):
    made = db.session.query(Decision).filter_by(decision="hide").one().id
    actions.undo(scene.actor(busy.quill), made)
    db.commit()
    found = figures_of(busy.quill)
    assert sums(found) == (4, 3, 1, 0)
    assert found.waits.decisions == 2


def test_nobody_asked_and_the_software_are_no_decisions_that_took_time(cast):
    scene.decide(cast.quill, say(cast.tom, cast.article), "spam")
    reported = say(cast.tom, cast.article)
    scene.report(cast.rosa, reported)
    scene.decide(cast.quill, reported, "keep")
    db.lock()
    db.session.execute(update(Case).where(Case.comment_id == reported).values(decided_by_id=None))
    db.commit()
    found = figures_of(cast.quill)
    assert found.waits == Waits()
    assert (found.total("removals"), found.removals) == (1, [("spam", 1)])


def test_half_and_nine_of_ten(cast):
    ids = [say(cast.tom, cast.article) for _ in range(10)]
    for number, comment in enumerate(ids, 1):
        scene.report(cast.rosa, comment)
        scene.decide(cast.quill, comment, "keep")
        case = db.session.query(Case).filter_by(comment_id=comment).one()
        put_back(Case, case.id, since=case.decided_at - number * HOURS)
    assert figures_of(cast.quill).waits == Waits(10, 5 * HOURS, 9 * HOURS)


def test_one_decision_is_half_and_nine_of_ten():
    assert queries._waits([HOURS]) == Waits(1, HOURS, HOURS)
    assert queries._waits([3 * HOURS, HOURS]) == Waits(2, HOURS, 3 * HOURS)


def test_authors_see_their_own_articles_only(busy):
    theirs = factories.article(busy.otto, "Otto's own")
    tagged(theirs, "Libraries")
    scene.report(busy.rosa, say(busy.tom, theirs), "untrue")
    assert sums(figures_of(busy.quill)) == (5, 4, 1, 1)
    assert sums(figures_of(busy.ida)) == (4, 3, 1, 1)
    otto = figures_of(busy.otto)
    assert (sums(otto), otto.reports) == ((1, 1, 0, 0), [("untrue", 1)])
    assert [(line.key, line.comments) for line in otto.subjects] == [("Libraries", 1)]
    page = busy.browser(busy.otto).get("/moderation/figures").text
    assert "under the articles where you moderate" in page and "Untrue" in page and "Abusive" not in page
    with pytest.raises(Forbidden):
        figures_of(busy.tom)


def test_an_article_with_two_subjects_counts_under_both(cast):
    tagged(cast.article, "Books", "Rooms")
    say(cast.tom, cast.article)
    assert [(line.key, line.comments) for line in figures_of(cast.quill).subjects] == [("Books", 1), ("Rooms", 1)]


def test_a_month_of_its_own(busy):
    comment = db.session.query(Comment).order_by(Comment.id).first().id
    put_back(Comment, comment, created_at=datetime(2021, 2, 28, 23, 59, 59, tzinfo=UTC))
    put_back(Flag, db.session.query(Flag.id).first().id, created_at=datetime(2021, 2, 1, tzinfo=UTC))
    found = figures_of(busy.quill, "2021-02")
    assert (len(found.days), sums(found)) == (28, (1, 1, 0, 0))
    assert (found.days[0].reports, found.days[-1].comments) == (1, 1)
    assert sums(figures_of(busy.quill, "2021-01")) == sums(figures_of(busy.quill, "2021-03")) == (0, 0, 0, 0)
    page = busy.browser(busy.quill).get("/moderation/figures?month=2021-03").text
    assert "March 2021" in page and "month=2021-02" in page and "month=2021-04" in page
    assert "month=2021-01" not in busy.browser(busy.quill).get("/moderation/figures?month=2021-02").text


def test_days_are_those_of_the_site(cast):
    comment = say(cast.tom, cast.article)
    put_back(Comment, comment, created_at=datetime(2021, 3, 28, 22, 30, tzinfo=UTC))  # half past midnight in Berlin
    let(timezone="Europe/Berlin")
    rows = spreadsheet(cast.browser(cast.quill), "days", "2021-03")
    assert [row[0] for row in rows[1:] if row[1] == "1"] == ["2021-03-29"]
    assert len(rows) == 32


def test_the_days_of_a_period():
    today = date(2026, 3, 31)
    berlin = periods.month("2026-03", today, ZoneInfo("Europe/Berlin"))
    assert len(berlin.days) == 31
    lengths = [(after - before) / HOURS for before, after in zip(berlin.bounds, berlin.bounds[1:], strict=False)]
    assert lengths.count(24) == 30 and lengths[28] == 23  # the clocks went forward
    assert len(periods.recent(today, ZONE).days) == periods.RECENT
    assert periods.month("2026-03", date(2026, 3, 5), ZONE).last == date(2026, 3, 5)
    assert (berlin.before, periods.recent(today, ZONE).before, periods.after(berlin, today)) == (
        "2026-02",
        "2026-02",
        "",
    )


@pytest.mark.parametrize(
    "month", ["2026-13", "2026-00", "x", "0000-01", "9999-01", "2026-1", "1969-12", "２０２６-01", "2026-01'"]
)
def test_no_such_month(month):
    assert periods.month(month, date(2026, 6, 1), ZONE) is None


def test_bad_months_and_tables_are_not_found(cast):
    browser = cast.browser(cast.quill)
    answer = browser.get("/moderation/figures?month=2999-01")
    assert answer.status_code == 404 and "A month is written like this" in answer.text
    assert browser.get("/moderation/figures/people.csv").status_code == 404
    assert browser.get("/moderation/figures/days.csv?month=2026").status_code == 404


def test_nothing_yet(cast):
    page = cast.browser(cast.quill).get("/moderation/figures").text
    for words in ("Nothing in this time.", "Nothing was reported.", "Nothing had to wait", "Nothing was removed."):
        assert words in page
    assert '<svg class="chart"' not in page
    assert "/moderation/figures" in cast.browser(cast.quill).get("/moderation/queue").text


def test_each_chart_has_a_name_words_and_a_table(busy):
    page = busy.browser(busy.quill).get("/moderation/figures").text
    drawn = [ElementTree.fromstring(svg) for svg in re.findall(r"<svg class=\"chart\".*?</svg>", page, re.DOTALL)]
    assert len(drawn) == 9
    ids = []
    for svg in drawn:
        named = {one.get("id"): one.text for one in svg if one.tag in ("title", "desc")}
        assert svg.get("role") == "img" and svg.get("aria-labelledby").split() == list(named)
        assert all(named.values())
        ids += named
    assert len(ids) == len(set(ids))
    assert "4 in all; the most on" in page
    tables = page.count('<details class="numbers">')
    assert tables == page.count("</table>") == page.count(".csv") == 5


def spreadsheet(browser, name, month=""):
    answer = browser.get(f"/moderation/figures/{name}.csv{f'?month={month}' if month else ''}")
    assert answer.status_code == 200 and answer.content_type == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith(f'attachment; filename="{name}-')
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_for_spreadsheets(busy):
    browser = busy.browser(busy.quill)
    heads, *days = spreadsheet(browser, "days")
    assert heads[:2] == ["Day", "Comments"] and heads[-1] == "Nine of ten within (minutes)"
    assert days[-1][:6] == [now().date().isoformat(), "3", "3", "1", "1", "3"]
    assert days[0][1:] == ["0", "0", "0", "0", "0", "", ""]
    assert spreadsheet(browser, "reports") == [["Reason", "Number"], ["Abusive", "2"], ["Spam", "1"]]
    assert spreadsheet(browser, "holds")[1] == ["A guest wrote it.", "1"]
    assert spreadsheet(browser, "removals")[1][1] == "1"


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", " =1", 'a "b", c', "Bücher\nund"])
def test_names_are_no_formulas(cast, name):
    tagged(cast.article, name)
    say(cast.tom, cast.article)
    cell = spreadsheet(cast.browser(cast.quill), "subjects")[1][0]
    assert cell == (name if name[0] in "aB" else f"'{name}")


def test_the_statements_are_as_many_however_much_there_is(busy):
    with counted() as before:
        figures_of(busy.quill)
    for _ in range(5):
        scene.report(busy.rosa, say(busy.tom, busy.article))
    with counted() as after:
        figures_of(busy.quill)
    assert len(after) == len(before)


def test_comments_are_counted_by_an_index(cast):
    """Not read: the index has the moment and the article, and a count needs no more."""
    counting = "SELECT article_id, count(*) FROM comments WHERE created_at >= :a AND created_at < :b GROUP BY 1"
    explain = "EXPLAIN QUERY PLAN" if db.engine().dialect.name == "sqlite" else "EXPLAIN"
    db.lock()
    if explain == "EXPLAIN":
        db.session.execute(text("SET LOCAL enable_seqscan = off"))  # which it prefers where there is next to nothing
    query = text(f"{explain} {counting}").bindparams(*(bindparam(name, now(), type_=db.Moment()) for name in "ab"))
    plan = str(db.session.execute(query).all())
    db.rollback()
    assert "ix_comments_created_at" in plan


@pytest.mark.parametrize(
    ("value", "top"), [(0, 2), (1, 2), (2, 2), (3, 4), (5, 10), (11, 20), (21, 40), (99, 100), (101, 200)]
)
def test_a_scale_ends_at_a_round_number(value, top):
    assert charts.round_above(value) == top


def test_columns_stand_on_the_ground_and_inside():
    chart = charts.columns(
        "n", "t", "d", [Column(None, "none"), Column(5, "five", "1 May"), Column(2, "two", outer=10)]
    )
    assert [bar.told for bar in chart.bars] == ["five", "two"] and len(chart.outlines) == 1
    for bar in (*chart.bars, *chart.outlines):
        assert bar.y + bar.height == pytest.approx(charts.HEIGHT - charts.BOTTOM)
        assert bar.x >= charts.LEFT and bar.x + bar.width <= charts.WIDTH and bar.y >= charts.TOP - 0.01
    assert chart.outlines[0].y == pytest.approx(charts.TOP)


def test_rows_stay_inside_and_long_names_are_cut():
    chart = charts.rows("n", "t", "d", [("x" * 300, 1_000_000), ("y", 0)])
    assert all(bar.x + bar.width <= charts.WIDTH for bar in chart.bars)
    assert max(len(words.text) for words in chart.words) == charts.LABEL
