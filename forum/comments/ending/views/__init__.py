"""Pages that end an exchange, close a discussion or many, and open them again."""

# Each puts its pages on the blueprint of the comments.
from forum.comments.ending.views import discussions, exchange, reopening
