"""`forum export` and `forum import`: every discussion out again, and in from elsewhere."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import click
from flask import current_app

from forum import db
from forum.cli import in_site, tell
from forum.errors import Conflict
from forum.people.queries import sign_in_name
from forum.site.queries import site
from forum.transfer import actions, report
from forum.transfer.formats import FORMATS
from forum.transfer.out import files
from forum.transfer.views import draw, seal_log
from forum.transfer.wanted import Wanted

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command("export")
@click.option("--article", metavar="SLUG", default="", help="One article with its discussion.")
@click.option("--tag", metavar="SLUG", default="", help="The articles of one subject with their discussions.")
@click.option("--person", metavar="NAME", default="", help="What one person wrote, by either name.")
@click.option("--from", "since", type=_DAY, metavar="YYYY-MM-DD", help="What was written from this day on.")
@click.option("--until", type=_DAY, metavar="YYYY-MM-DD", help="What was written until the end of this day.")
@click.option("--format", "format", type=click.Choice(list(FORMATS)), required=True)
@click.option("-o", "--output", metavar="FILE", required=True, help="- is standard output.")
@in_site
def export_command(
    article: str, tag: str, person: str, since: datetime | None, until: datetime | None, format: str, output: str
) -> None:
    """Write the site, or what fits all that is named: JSON Lines is complete, the others are what readers see."""
    seal_log()
    days = [day.date() if day else None for day in (since, until)]
    wanted = Wanted(article, tag, sign_in_name(person) if person else "", *days)
    if output == "-":
        _to_standard_output(format, wanted)
    else:
        files.write_whole(format, wanted, Path(output), draw)


@click.command("import")
@click.argument("format", type=click.Choice(list(actions.FORMATS)))
@click.argument("file", type=click.Path(allow_dash=True))
@click.option("--dry-run", is_flag=True, help="Say what would come in, and write nothing.")
@click.option("--same-people", is_flag=True, help="People with the sign-in name of somebody here are that person.")
@click.option(
    "--pictures",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="A copy of wp-content/uploads: pictures of the blog that are in it come in, too.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report for machines.")
@in_site
def import_command(  # noqa: PLR0913, RUF100 -- an option each
    format: str, file: str, dry_run: bool, same_people: bool, pictures: Path | None, as_json: bool
) -> None:
    """Bring in an export of WordPress (wxr) or an archive of a site like this one (jsonl). Twice adds nothing."""
    tell(f"The site: {site().name or 'not set up yet'}, in {db.engine().url.render_as_string(hide_password=True)}")
    with _opened(file) as opened:
        made = _imported(format, opened, dry_run=dry_run, same_people=same_people, pictures=pictures)
    if as_json:
        click.echo(json.dumps(asdict(made), sort_keys=True))
    else:
        click.echo("\n".join(report.sentences(made)))
    if made.added.get("person") and not dry_run:
        tell("People come without passwords: `forum user reset NAME` makes a link with which one chooses theirs.")


def _to_standard_output(format: str, wanted: Wanted) -> None:
    try:
        # Not sys.stdout: on a full disk its buffer would be written, and fail, once more when the process ends.
        with os.fdopen(os.dup(1), "wb") as file:
            files.write(format, wanted, file, draw)
    except OSError as error:
        raise Conflict(f"Standard output cannot be written: {error.strerror}.") from error


def _opened(file: str) -> IO[bytes]:
    try:
        return click.open_file(file, "rb")
    except OSError as error:
        raise Conflict(f"{file} cannot be read: {error.strerror}.") from error


def _imported(format: str, file: IO[bytes], *, dry_run: bool, **ways: Any) -> report.Report:
    folder = Path(current_app.instance_path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        made = actions.import_archive(None, format, file, folder, dry_run=dry_run, **ways)
    except OSError as error:
        raise Conflict(f"The import ended early, and nothing was written: {error.strerror}.") from error
    if dry_run:
        db.rollback()
    else:
        db.commit()
    return made
