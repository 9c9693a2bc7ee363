"""Correspondence: a discussion forum for people who publish. `create_app()` puts it together."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from forum import config

__version__ = "0.1.0"


def create_app(settings: config.Settings | None = None) -> Flask:
    """Make the application: settings, database, edge, rooms.

    Raises config.Malformed where a setting cannot be read.
    """
    # Here and not above: `forum --help` has no use for all this, and `forum serve` has something to do before it.
    from flask import Flask

    from forum import config, db, paths, web

    settings = config.ensure_secret_key(settings or config.load())
    app = Flask(__name__, template_folder=str(paths.TEMPLATES), instance_path=str(settings.instance.resolve()))
    db.init_app(app, settings)
    web.init_app(app, settings)
    _register_rooms(app)
    return app


def _register_rooms(app: Flask) -> None:
    from forum.articles import views as articles
    from forum.closures import views as closures
    from forum.comments import views as comments
    from forum.feeds import views as feeds
    from forum.following import views as following
    from forum.jobs import views as jobs
    from forum.legal import views as legal
    from forum.moderation import views as moderation
    from forum.notifications import views as notifications
    from forum.objections import views as objections
    from forum.people import views as people
    from forum.pictures import views as pictures
    from forum.records import views as records
    from forum.saved_replies import views as saved_replies
    from forum.search import views as search
    from forum.site import views as site
    from forum.transfer import views as transfer

    for room in (
        jobs,
        site,
        people,
        saved_replies,
        notifications,
        pictures,
        articles,
        closures,
        comments,
        search,
        feeds,
        following,
        legal,
        moderation,
        records,
        objections,
        transfer,
    ):
        app.register_blueprint(room.blueprint)
