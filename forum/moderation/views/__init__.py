"""Pages of the desk: report, queue, one case, history, erase."""

from flask import Blueprint

blueprint = Blueprint("moderation", __name__)

# Each puts its pages on the blueprint.
from forum.moderation.views import bulk, erase, flag, history, keys, queue  # noqa: E402
