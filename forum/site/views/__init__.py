"""Pages of this room: the settings, the documents, health checks, and what every page has in its head."""

from flask import Blueprint

blueprint = Blueprint("site", __name__)

# Each puts its pages on the blueprint.
from forum.site.views import admin, documents, head, health, robots, settings  # noqa: E402
