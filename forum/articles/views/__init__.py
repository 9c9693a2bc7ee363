"""Pages of articles: the lists, and the form in which one is written."""

from flask import Blueprint

blueprint = Blueprint("articles", __name__)

# Each puts its pages on the blueprint.
from forum.articles.views import changes, lists, versions, writing  # noqa: E402
