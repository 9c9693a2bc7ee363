"""The `forum` command. Exit status: 0 done, 1 could not, 2 wrong usage; messages go to standard error."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import click

from forum import config
from forum.errors import Refusal

P = ParamSpec("P")
R = TypeVar("R")
# Where each command is, so that `forum export` does not wait for what only `forum serve` needs.
COMMANDS = {
    "init": "forum.cli.site",
    "serve": "forum.cli.serve",
    "db": "forum.cli.site",
    "user": "forum.cli.people",
    "demo": "forum.cli.demo",
    "import": "forum.cli.transfer",
    "export": "forum.cli.transfer",
}


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
    """Run a command's function inside the app, with its database; a refusal is told in one line and exits with 1."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        from forum import create_app, db

        with create_app().app_context():
            try:
                return command(*args, **kwargs)
            except Refusal as refusal:
                db.rollback()
                raise click.ClickException(refusal.reason or type(refusal).__name__) from refusal
            finally:
                db.session.remove()
                db.engine().dispose()

    return run


def tell(message: str) -> None:
    """Say something to the operator, on standard error."""
    click.echo(message, err=True)


def main() -> None:
    """Be the command installed as `forum`."""
    try:
        forum(prog_name="forum")
    except config.Malformed as error:
        tell(f"Error: {error}")
        sys.exit(1)
