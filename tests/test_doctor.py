"""`forum doctor` finds what is wrong with a database, says it in a line each, and exits with 1."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import create_engine, text

from forum import config, db, schema
from forum.cli import forum
from forum.clock import now
from forum.jobs import actions as jobs
from forum.ledger import queries
from forum.transfer.views import seal_log
from tests.cast import Cast
from tests.comments.talk import exchange, let, put, say

pytestmark = pytest.mark.both_kinds

# What somebody does to the database, the check that finds it, and what it says.
CHECKS = (
    "schema",
    "triggers",
    "log",
    "worker",
    "versions",
    "labels",
    "counters",
    "cases",
    "sanctions",
    "search",
    "contact",
    "address",
)
FAULTS = [
    ("UPDATE comments SET reply_count = 7 WHERE id = :first", "counters", "comment {first}: reply_count is 7, not 1"),
    ("UPDATE comments SET depth = 7 WHERE id = :last", "counters", "comment {last}: depth is 7, not 5"),
    ("UPDATE comments SET thread_size = 0 WHERE id = :first", "counters", "comment {first}: thread_size is 0, not 6"),
    ("UPDATE comments SET closure_count = 1 WHERE id = :last", "counters", "comment {last}: closure_count is 1, not 0"),
    (
        "UPDATE comments SET root_id = :last WHERE id = :last",
        "counters",
        "comment {last}: root_id is {last}, not {first}",
    ),
    ("UPDATE articles SET comment_count = 0", "counters", "article {article}: comment_count is 0, not 7"),
    ("UPDATE articles SET thread_count = 0", "counters", "article {article}: thread_count is 0, not 2"),
    ("UPDATE comments SET status = 'held' WHERE id = :last", "counters", "thread_size is 6, not 5"),
    ("UPDATE comments SET pos = 1 WHERE id = :last", "labels", "comment {last}: its label stands outside the branch"),
    (
        "UPDATE comments SET status = 'held' WHERE id = :last",
        "cases",
        "comment {last}: it was reported or waits",
    ),
    ("DELETE FROM cases WHERE kind = 'account'", "cases", "they wait for approval, and have no open case"),
    (
        "UPDATE cases SET kind = 'comment', comment_id = :last",
        "cases",
        "nothing about comment {last} has",
    ),
    ("UPDATE people SET suspended_until = NULL", "sanctions", "suspended_until is None, not "),
    ("DELETE FROM search_head", "search", "The row that is locked is missing."),
    ("UPDATE people SET slow_minutes = 5", "sanctions", "slow_minutes is 5, not 0"),
    ("UPDATE sanctions SET words = 'Rude.'", "sanctions", "suspension_reason is , not Rude."),
    ("DELETE FROM article_versions", "versions", "article {article} has none"),
    ("UPDATE ledger_entries SET salt = NULL, details = NULL", "", ""),  # which is how words are erased
    ("UPDATE ledger_head SET number = number + 1", "log", "does not fit the chain"),
    ("DELETE FROM ledger_head", "log", "head is missing"),
    ("UPDATE alembic_version SET version_num = '0017'", "schema", "The database is at 0017"),
]


@pytest.fixture
def talk(cast: Cast) -> dict[str, int]:
    """Return ids of an exchange of six comments, beside which a thread of one stands."""
    made, article_id = exchange(cast), cast.article.id
    say(cast.rosa, cast.article, "By the way.")
    db.session.remove()
    return {"first": made[0], "last": made[-1], "article": article_id}


@pytest.fixture
def doctor(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """Return what runs the command on the test's own database."""
    settings: config.Settings = cast.app.extensions["forum"]
    monkeypatch.setenv("FORUM_DATABASE_URL", settings.database)
    monkeypatch.setenv("FORUM_INSTANCE", str(settings.instance))
    return CliRunner()


def examined(doctor: CliRunner, *options: str) -> Result:
    """Run `forum doctor`."""
    return doctor.invoke(forum, ["doctor", *options])


def by_hand(statement: str, ids: dict[str, int]) -> None:
    """Write something on a connection that is not the forum's."""
    engine = create_engine(db.engine().url)
    with engine.begin() as connection:
        connection.execute(text(statement), {name: ids[name] for name in ids if f":{name}" in statement})
    engine.dispose()


def test_a_sound_database_has_a_line_for_each_check(talk: dict[str, int], doctor: CliRunner) -> None:
    put(talk["last"], "held")
    let(contact="desk@post.example")
    result = examined(doctor)
    assert result.exit_code == 0, result.output
    checks = [line.split()[:2] for line in result.stdout.splitlines()]
    assert checks == [["ok", f"{name}:"] for name in CHECKS]


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_site_without_a_contact_address_is_told(cast: Cast, doctor: CliRunner, options: tuple[str, ...]) -> None:
    result = examined(doctor, *options)
    assert result.exit_code == 0  # nothing is wrong with the database
    assert "Readers cannot reach you. Enter a contact address on the page /admin/settings." in result.stdout
    let(contact="desk@post.example")
    assert "Readers cannot reach you" not in examined(doctor, *options).stdout


def test_an_https_address_that_binds_nothing_is_told(cast: Cast, doctor: CliRunner) -> None:
    let(contact="desk@post.example", url="https://forum.example")
    assert 'site_url = "https://forum.example"' in examined(doctor).stdout
    fixed = CliRunner(env={**(doctor.env or {}), "FORUM_SITE_URL": "https://forum.example"})
    assert "site_url" not in examined(fixed).stdout


def test_a_site_that_is_not_set_up_needs_no_address_yet(app: Flask) -> None:
    settings: config.Settings = app.extensions["forum"]
    environment = {"FORUM_DATABASE_URL": settings.database, "FORUM_INSTANCE": str(settings.instance)}
    result = CliRunner(env=environment).invoke(forum, ["doctor"])
    assert result.exit_code == 0
    assert "Readers cannot reach you" not in result.stdout


@pytest.mark.parametrize(("statement", "check", "says"), FAULTS, ids=[statement for statement, _, _ in FAULTS])
def test_a_fault_is_found_and_named(
    talk: dict[str, int], doctor: CliRunner, statement: str, check: str, says: str
) -> None:
    by_hand(statement, talk)
    result = examined(doctor)
    wrong = [line.split()[1] for line in result.stdout.splitlines() if line.startswith("WRONG")]
    assert (result.exit_code, f"{check}:" in wrong) == ((1, True) if check else (0, False))
    assert says.format(**talk) in result.stdout


def test_work_that_nobody_does_is_told(talk: dict[str, int], doctor: CliRunner) -> None:
    db.lock()
    jobs.put("tests.nothing", now() - timedelta(hours=1), {})
    db.commit()
    result = examined(doctor)
    assert result.exit_code == 1
    assert "WRONG worker: never seen; 1 job waits" in " ".join(result.stdout.split())
    assert "forum worker" in result.stdout


def test_a_changed_entry_is_found(talk: dict[str, int], doctor: CliRunner) -> None:
    on = " ON ledger_entries" if db.engine().dialect.name == "postgresql" else ""
    seal_log()
    by_hand(f"DROP TRIGGER ledger_entries_update_refused{on}", {})
    by_hand("UPDATE ledger_entries SET rule = 'x' WHERE number = 2", {})
    result = examined(doctor)
    assert result.exit_code == 1
    assert "entry 2 does not fit the chain" in result.stdout
    assert "ledger_entries_update_refused is missing or switched off" in result.stdout


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_trigger_that_was_switched_off_is_found(talk: dict[str, int], doctor: CliRunner) -> None:
    by_hand("ALTER TABLE comments DISABLE TRIGGER comments_insert_version", {})
    result = examined(doctor)
    assert result.exit_code == 1
    assert "comments_insert_version is missing or switched off" in result.stdout


def test_the_report_for_machines_holds_the_head_of_the_log(talk: dict[str, int], doctor: CliRunner) -> None:
    report = json.loads(examined(doctor, "--json").stdout)
    head = queries.head()
    assert head is not None
    assert report["ok"] is True
    assert report["log"] == {"number": head.number, "hash": head.hash}
    assert {check["check"] for check in report["checks"]} >= {"schema", "triggers", "log", "labels", "counters"}
    by_hand("UPDATE articles SET comment_count = 0", talk)
    report = json.loads(examined(doctor, "--json").stdout)
    assert report["ok"] is False
    assert [check["check"] for check in report["checks"] if not check["ok"]] == ["counters"]


def test_staff_see_the_head_in_the_history(cast: Cast) -> None:
    say(cast.tom, cast.article)
    head = queries.head()
    assert head is not None
    for person in (cast.quill, cast.ada):
        assert head.hash in cast.browser(person).get("/history").text
    for person in (None, cast.tom, cast.ida):
        assert head.hash not in cast.browser(person).get("/history").text


def test_an_empty_database_is_told(doctor: CliRunner) -> None:
    db.session.remove()
    schema.downgrade("base")
    result = examined(doctor)
    assert result.exit_code == 1
    assert "The database is at nothing" in result.stdout
