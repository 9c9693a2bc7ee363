"""`forum init` sets a new site up, `forum db` brings its database to the newest schema."""

from __future__ import annotations

import sys
from typing import Any

import click

from forum.cli import in_app, tell

HERE = "http://127.0.0.1:8000"  # where `forum serve` listens unless told otherwise


@click.command("init")
@click.option("--site-name", help="What the site is called.")
@click.option("--address", help="Where readers find it, like https://forum.example.")
@click.option("--name", help="Your sign-in name; you become the admin.")
@click.option("--password-stdin", is_flag=True, help="Read your password from standard input, and ask nothing.")
@click.option("--language", help="The language of its pages.  [default: en]")
@click.option("--timezone", help="The time zone of its dates.  [default: UTC]")
@click.option("--who-may-comment", type=click.Choice(["members", "guests", "nobody"]), help="[default: members]")
@click.option("--contact", help="How readers reach you; shown on the contact page.")
def init_command(password_stdin: bool, **given: str | None) -> None:
    """Set up a new site: make its database, its settings and its first admin.

    What is not given is asked, unless --password-stdin is there: then --site-name and --name are needed and the rest
    has its defaults.
    """
    if password_stdin:
        if missing := [option for option in ("site_name", "name") if not given[option]]:
            raise click.UsageError("with --password-stdin, give " + " and ".join(map(_option, missing)))
        _init({**given, "password": password_from_stdin()})
    else:
        _init({**given, "password": None})


@click.group("db")
def db_command() -> None:
    """Look after the database."""


@db_command.command("upgrade")
@in_app
def upgrade() -> None:
    """Bring the database to the newest schema."""
    from forum import schema

    before = schema.current()
    schema.upgrade()
    tell("The database was up to date." if before == schema.head() else f"The database is at {schema.head()} now.")


def password_from_stdin() -> str:
    """Return the password on standard input, without the line end an echo puts behind it."""
    try:
        return sys.stdin.buffer.read(4096).decode().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError as error:
        raise click.UsageError("the password is not UTF-8 text") from error


@in_app
def _init(given: dict[str, str | None]) -> None:
    from forum import config, db, schema, web
    from forum.errors import Conflict
    from forum.site.queries import site
    from forum.siteaddress import spelled

    schema.upgrade()
    if site().set_up_at is not None:
        raise Conflict("This site is set up already.")
    fields, admin = _opened(given)
    db.commit()
    address = spelled(fields.get("address", "")) or _address() or HERE
    if address != HERE and not _address():
        config.fix_address(web.settings().instance, address)
        tell(f"Readers find it at {address}, and nowhere else: that is in {web.settings().instance / config.FILE} now.")
    tell(f"{fields['site_name']} is set up, and {admin} is its admin. Start it with: forum serve")
    if not fields.get("contact"):
        tell(f"Readers cannot reach you yet. Enter a contact address: {address}/admin/settings#contact")
    tell(f"Write your first article: {address}/articles/new")
    tell(f"Bring your comments along: {address}/admin/import, or: forum import --help")


def _opened(given: dict[str, str | None]) -> tuple[dict[str, str], str]:
    """Open the site. Return its settings and the admin's name. What is wrong in an answer is told and asked again."""
    from forum.errors import Invalid
    from forum.people import actions

    asks = given["password"] is None
    answers = _asked(given) if asks else given
    while True:
        fields = {"username" if key == "name" else key: value for key, value in answers.items() if value is not None}
        try:
            return fields, actions.set_up(actions.FirstSettings(**{"address": _address(), **fields})).username
        except Invalid as error:
            wrong = {"name" if field == "username" else field for field in error.fields}
            if not asks or not wrong <= answers.keys():
                raise click.ClickException(" ".join(error.fields.values())) from error
            for message in error.fields.values():
                tell(message)
            answers = _asked({**answers, **dict.fromkeys(wrong)})


def _asked(given: dict[str, str | None]) -> dict[str, str | None]:
    """Ask for what was not given, on standard error."""
    questions = (
        ("site_name", "What is the site called?", None),
        ("address", "Where do readers find it?", _address() or HERE),
        ("name", "Your sign-in name", None),
        ("language", "Language", "en"),
        ("timezone", "Time zone", "UTC"),
        ("who_may_comment", "Who may comment: members, guests (their comments wait for approval), nobody", "members"),
        ("contact", "How do readers reach you? (a mail address, or nothing)", ""),
    )
    answers = dict(given)
    for field, question, usual in questions:
        if answers[field] is None:
            options: dict[str, Any] = {"show_default": bool(usual)}
            options["prompt_suffix"] = " " if question.endswith("?") else ": "
            if field == "who_may_comment":
                options |= {"type": click.Choice(["members", "guests", "nobody"]), "show_choices": False}
            answers[field] = click.prompt(question, default=usual, err=True, **options)
    if answers["password"] is None:
        answers["password"] = click.prompt("Your password", hide_input=True, confirmation_prompt=True, err=True)
    return answers


def _address() -> str:
    from forum import web

    return web.settings().site_url


def _option(field: str) -> str:
    return "--" + field.replace("_", "-")
