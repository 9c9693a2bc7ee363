"""Pages of this room: the settings, the documents, and health checks."""

from flask import Blueprint

blueprint = Blueprint("site", __name__)

# Each puts its pages on the blueprint.
from forum.site.views import admin, documents, health, settings  # noqa: E402, F401
