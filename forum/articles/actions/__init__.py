"""Write articles, publish them, and change where they stand."""

from forum.articles.actions.changes import TextChanged, drop_changes, keep_changes
from forum.articles.actions.lead import set_lead
from forum.articles.actions.publishing import publish, schedule, set_auto_close, unpublish
from forum.articles.actions.versions import erase_article_version
from forum.articles.actions.words import MAX_WORDS_AROUND, Words, check_words
from forum.articles.actions.writing import create, create_once, delete, edit, restore
