"""Pages of this room: the feeds, the sitemap, and how to subscribe."""

from flask import Blueprint

blueprint = Blueprint("feeds", __name__)

# Each puts its pages on the blueprint.
from forum.feeds.views import feeds, sitemap, subscribe  # noqa: E402
