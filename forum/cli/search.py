"""`forum search`: the words of articles and comments, made anew."""

from __future__ import annotations

import click

from forum.cli import in_site, tell


@click.group("search")
def search_command() -> None:
    """Look after what search knows of articles and comments."""


@search_command.command("rebuild")
@in_site
def rebuild() -> None:
    """Make the words of all articles and comments anew. Until it is done, search finds only part of them."""
    from forum import db
    from forum.clock import now
    from forum.search import actions

    number = actions.note_everything()
    db.commit()
    tell(f"{number} texts are to be read.")
    while left := actions.index_some(now(), wait=True):
        db.commit()
        number -= left
        tell(f"{max(number, 0)} left")
    db.commit()
    db.checkpoint()
    tell("Search knows all of them.")
