"""The `forum` command. Exit status: 0 done, 1 could not, 2 wrong usage; messages go to standard error."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import click

from forum import config
from forum.errors import Conflict, Refusal

if TYPE_CHECKING:
    from flask import Flask

P = ParamSpec("P")
R = TypeVar("R")
# Where each command is, so that `forum export` does not wait for what only `forum serve` needs.
COMMANDS = {
    "init": "forum.cli.site",
    "serve": "forum.cli.serve",
    "worker": "forum.cli.worker",
    "db": "forum.cli.site",
    "doctor": "forum.cli.doctor",
    "user": "forum.cli.people",
    "mail": "forum.cli.mail",
    "search": "forum.cli.search",
    "demo": "forum.cli.demo",
    "import": "forum.cli.transfer",
    "export": "forum.cli.transfer",
}
NO_DATABASE = (
    "There is no database yet in {place}. `forum init` makes one and sets a new site up. "
    "`forum db upgrade` makes an empty one, which takes an archive's settings too."
)


class Commands(click.Group):
    """Import a command's module only when it is called."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        found: click.Command = getattr(importlib.import_module(COMMANDS[name]), f"{name}_command")
        return found


@click.command(cls=Commands)
@click.version_option(package_name="correspondence")
def forum() -> None:
    """Run and look after a Correspondence site."""


def in_app(command: Callable[P, R]) -> Callable[P, R]:
    """Run a command's function inside an app of its own."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        from forum import create_app

        # A command waits for a statement however long it takes; only a server has people who wait for an answer.
        with inside(create_app(replace(config.load(), database_seconds=0))):
            return command(*args, **kwargs)

    return run


def in_site(command: Callable[P, R]) -> Callable[P, R]:
    """Run a command's function as `in_app` does, where the database is at the newest schema.

    A folder that has no site stays as it is: it may be mistyped.
    """

    @in_app
    def run_in_app(*args: P.args, **kwargs: P.kwargs) -> R:
        _need_newest_schema()
        return command(*args, **kwargs)

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        need_database()
        return run_in_app(*args, **kwargs)

    return run


def need_database() -> None:
    """Refuse a folder without a site before anything is written there: it may be mistyped."""
    settings = config.load()
    if not config.is_there(settings):
        raise click.ClickException(NO_DATABASE.format(place=settings.instance.resolve()))


def _need_newest_schema() -> None:
    from forum import db, schema

    found = schema.current()
    if found is None:
        raise Conflict(NO_DATABASE.format(place=db.engine().url.render_as_string(hide_password=True)))
    if found != schema.head():
        schema.refuse_unknown()
        raise Conflict("This database is not at the newest schema. Run `forum db upgrade` first.")


@contextmanager
def inside(app: Flask) -> Iterator[None]:
    """Enter an app, with its database, and leave no connection; a refusal is told in one line and exits with 1.

    So is trouble of the database or the disk.
    """
    from sqlalchemy.exc import DBAPIError

    from forum import db
    from forum.wording import in_words

    with app.app_context():
        try:
            yield
        except Refusal as refusal:
            db.rollback()
            raise click.ClickException(in_words(refusal.reason) or type(refusal).__name__) from refusal
        except (DBAPIError, OSError) as error:
            with suppress(DBAPIError):
                db.rollback()
            if isinstance(error, DBAPIError) and not db.is_unavailable(error):
                raise  # a mistake of ours
            raise click.ClickException(trouble(error)) from error
        finally:
            db.session.remove()
            db.engine().dispose()


def trouble(error: Exception) -> str:
    """Return in one line what the database or the system said."""
    cause = getattr(error, "orig", None) or error
    said = " ".join(str(cause).split())
    return said if isinstance(error, OSError) else f"The database does not do this now: {said}"


def tell(message: str) -> None:
    """Say something to the operator, on standard error."""
    click.echo(message, err=True)


def main() -> None:
    """Run the command that is installed as `forum`. What it writes is for its owner alone: 0600, folders 0700."""
    os.umask(0o077)
    try:
        forum(prog_name="forum")
    except config.Malformed as error:
        tell(f"Error: {error}")
        sys.exit(1)
