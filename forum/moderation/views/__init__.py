"""Pages of the desk: report, queue, one case, history, figures, erase."""

from flask import Blueprint

blueprint = Blueprint("moderation", __name__)

# Each puts its pages on the blueprint.
from forum.moderation.views import bulk, erase, exchanges, figures, flag, history, keys, queue, tags  # noqa: E402
