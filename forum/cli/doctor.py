"""`forum doctor`: check that the database holds what the program relies on. It changes nothing."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field

import click

from forum.cli import in_app, need_database

MOST = 20  # faults told of each check; more of one kind say nothing new


@dataclass(frozen=True)
class Finding:
    """The result of one check: `note` says what was looked at, `wrong` what is not as it must be.

    `advice` is what an admin should do where nothing is wrong with the database.
    """

    check: str
    note: str
    wrong: list[str] = field(default_factory=list)
    advice: str = ""


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print the report for machines.")
def doctor_command(as_json: bool) -> None:
    """Check the schema, its triggers, the log's chain, cases, counters, the order of discussions, and search.

    Exits with 1 where something is wrong.
    """
    need_database()
    _examine(as_json)


@in_app
def _examine(as_json: bool) -> None:
    findings = list(_findings())
    if as_json:
        click.echo(json.dumps(_report(findings), ensure_ascii=False))
    else:
        for finding in findings:
            _print(finding)
    if any(finding.wrong for finding in findings):
        sys.exit(1)


def _findings() -> Iterator[Finding]:
    schema = _schema()
    yield schema
    if schema.wrong:
        return  # the other checks read tables that may not be there
    yield _triggers()
    yield _chain()
    yield _worker()
    yield _versions()
    yield from _discussions()
    yield _cases()
    yield _sanctions()
    yield _search()
    yield _contact()
    yield _address()


def _schema() -> Finding:
    from forum import schema

    current, newest = schema.current(), schema.head()
    wrong = [] if current == newest else [f"The database is at {current or 'nothing'}, this program needs {newest}."]
    return Finding("schema", f"at {current}", wrong)


def _triggers() -> Finding:
    from forum.cli import triggers

    wanted, found = triggers.wanted(), triggers.working()
    wrong = [f"{name} is missing or switched off" for name in sorted(wanted - found)]
    return Finding("triggers", f"{len(wanted)} wanted", wrong)


def _chain() -> Finding:
    from forum.ledger import queries

    head, broken = queries.head(), queries.first_broken()
    if head is None:
        return Finding("log", "without a head", ["The log's head is missing."])
    wrong = [] if broken is None else [f"entry {broken} does not fit the chain"]
    waiting = f"{queries.unsealed()} newer ones wait for the worker"
    return Finding("log", f"sealed up to entry {head.number}, whose hash is {head.hash}; {waiting}", wrong)


def _worker() -> Finding:
    from forum.jobs import queries

    work = queries.work()
    seen = f"last seen {work.seen_at:%Y-%m-%d %H:%M} UTC" if work.seen_at else "never seen"
    note = f"{seen}; {work.waiting} job{'s wait' if work.waiting != 1 else ' waits'} for more than five minutes"
    wrong = [f"{work.failed} jobs were given up; see /admin/jobs."] if work.failed else []
    if work.waiting and not work.is_there:
        wrong.append("No worker is running: `forum serve` runs one, `forum worker` is one.")
    return Finding("worker", note, wrong)


def _versions() -> Finding:
    from forum.articles import queries

    missing = queries.without_version()
    return Finding("versions", "one of each article", [f"article {id} has none" for id in missing])


def _contact() -> Finding:
    from forum.site import queries

    site = queries.site()
    if site.set_up_at is None:
        return Finding("contact", "asked for when the site is set up")
    if queries.is_reachable(site.contact):
        return Finding("contact", "readers find it on the contact page")
    advice = "Readers cannot reach you. Enter a contact address on the page /admin/settings."
    return Finding("contact", "the contact page has no address", advice=advice)


def _address() -> Finding:
    from forum.process import settings
    from forum.site import queries
    from forum.siteaddress import left_to_fix

    url, fixed = queries.site().url, settings().site_url
    if fixed:
        return Finding("address", f"the site answers at {fixed} only")
    line = left_to_fix(url, fixed)
    if not line:
        return Finding("address", "fixed nowhere: the site answers at every address")
    where = "Put this line first in the file forum.toml of the site's folder, and start the site again"
    advice = f"Cookies are not bound to https yet. {where}: {line}"
    return Finding("address", f"{url} is not fixed: the site answers at every address", advice=advice)


def _discussions() -> Iterator[Finding]:
    from forum.comments import consistency

    labels: list[str] = []
    counters: list[str] = []
    ids = consistency.article_ids()
    for article_id in ids:
        wrong_labels, wrong_counters = consistency.differences(article_id)
        labels += wrong_labels
        counters += wrong_counters
    yield Finding("labels", f"of {len(ids)} articles", labels)
    yield Finding("counters", f"of {len(ids)} articles", counters)


def _cases() -> Finding:
    from forum.moderation import consistency

    number, wrong = consistency.differences()
    return Finding("cases", f"{number} open", wrong)


def _sanctions() -> Finding:
    from forum.sanctions import consistency

    number, wrong = consistency.differences()
    return Finding("sanctions", f"of {number} people", wrong)


def _search() -> Finding:
    from forum.search import consistency

    number, wrong = consistency.differences()
    return Finding("search", f"{number} texts", [*wrong, "To mend it: forum search rebuild"] if wrong else [])


def _print(finding: Finding) -> None:
    state = "WRONG" if finding.wrong else "note" if finding.advice else "ok"
    click.echo(f"{state:6}{finding.check}: {finding.note}")
    if finding.advice:
        click.echo(f"      {finding.advice}")
    for fault in finding.wrong[:MOST]:
        click.echo(f"      {fault}")
    if (more := len(finding.wrong) - MOST) > 0:
        click.echo(f"      and {more} more")


def _report(findings: list[Finding]) -> dict[str, object]:
    from forum.ledger import queries

    head = None if findings[0].wrong else queries.head()
    return {
        "ok": not any(finding.wrong for finding in findings),
        "log": asdict(head) if head else None,
        "checks": [{**asdict(finding), "ok": not finding.wrong} for finding in findings],
    }
