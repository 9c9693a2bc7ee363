"""Turn the texts of a WordPress export into the values of our records. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import unquote

from forum.articles.naming import slug_of
from forum.people.names import username_from
from forum.text.words import one_line, plain, tidy
from forum.transfer.checks import write_time
from forum.transfer.into.wxr.paragraphs import paragraphs
from forum.transfer.lines import Record

NO_DATE = "0000-00-00 00:00:00"
_WORDS_OF_TITLE = 60  # characters of a text that make the title of an article without one
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)")


def login(text: str) -> str:
    """Return a sign-in name as the key of its person."""
    return one_line(text)[:100]


def person(login: str, shown: str, number: str | None) -> Record:
    """Return a person who wrote for the blog: an author, without a password."""
    name = without_address(one_line(shown)) or without_address(login)
    username = (username_from(without_address(login)) or username_from(name) or "author-" + _digest(login))[:40]
    return {
        "type": "person",
        "id": None,
        "key": login,
        "also": f"user {number.strip()}" if number and number.strip() else None,
        "foreign_id": login if username == login else _digest(login),
        "match": username == login,
        "username": username,
        "display_name": name[:60],
        "role": "author",
        "created_at": None,
    }


def without_address(name: str) -> str:
    """Return a name; of an address of mail only the part before the @."""
    return name if "@" not in name or " " in name else name.split("@")[0]


def tag(nicename: str, name: str) -> tuple[str, str]:
    """Return a tag's address and its name."""
    shown = one_line(name)[:60]
    return slug_of(unquote(nicename), 60) or slug_of(shown, 60), shown or unquote(nicename)[:60]


def article(fields: Mapping[str, str], key: str, author: str, status: str, tags: list[str]) -> Record:
    """Return an article. A scheduled or private one is a draft that keeps its date; other drafts have none yet."""
    source = paragraphs(tidy(fields.get("content:encoded", "")))
    title = one_line(tidy(fields.get("title", "")))
    if not title:
        words = plain(source)
        title = words if len(words) <= _WORDS_OF_TITLE else words[:_WORDS_OF_TITLE].rsplit(" ", 1)[0] + "…"
    number = fields.get("wp:post_id", "").strip()
    moment = _moment(fields.get("wp:post_date_gmt"), fields.get("wp:post_date"), fields.get("pubDate"))
    foreign_id = number or _digest(fields.get("guid", "") or fields.get("link", "") or title + source)
    return {
        "type": "article",
        "id": None,
        "key": key,
        "foreign_id": foreign_id[:100],
        "slug": _slug(fields.get("wp:post_name", ""), title, number),
        "title": title[:200] or "Untitled",
        "author": author,
        "status": status,
        "created_at": moment,
        "published_at": None if fields.get("wp:status", "").strip() in ("draft", "pending") else moment,
        "updated_at": None,
        "format": "html",
        "source": source,
        "source_name": "",
        "source_url": "",
        "tags": tags,
    }


def comment(fields: Mapping[str, str], article: str, status: str) -> Record:
    """Return a comment: by a person of the blog where its number is theirs, else by a guest, without any address."""
    content = tidy(fields.get("wp:comment_content", ""))
    parent = fields.get("wp:comment_parent", "").strip()
    user = fields.get("wp:comment_user_id", "").strip()
    name = without_address(one_line(fields.get("wp:comment_author", "")))
    moment = _moment(fields.get("wp:comment_date_gmt"), fields.get("wp:comment_date"))
    number = fields.get("wp:comment_id", "").strip() or _digest(f"{article} {moment} {name} {content}")
    return {
        "type": "comment",
        "id": None,
        "key": number[:100],
        "foreign_id": number[:100],
        "article": article,
        "parent": parent[:100] if parent not in ("", "0") else None,
        "author": f"user {user}" if user not in ("", "0") else None,
        "guest": name[:80] or "Anonymous",
        "status": status,
        "held_reason": "imported" if status == "held" else None,
        "created_at": moment,
        "edited_at": None,
        "format": "html",
        "source": paragraphs(content),
    }


def _moment(*texts: str | None) -> str | None:
    """Return the first text that is a date. Texts in GMT come first; a local one is read as GMT."""
    for text in texts:
        found = _date(text.strip()) if text else None
        if found is not None:
            return write_time(found)
    return None


def _date(text: str) -> datetime | None:
    try:
        if match := _DATE.fullmatch(text):
            return datetime(*(int(part) for part in match.groups()), tzinfo=UTC)  # type: ignore[arg-type, misc]
        parsed = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    # WordPress writes the year -1 where there is no date.
    moment = parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    return moment if moment.year > 1 else None


def _slug(name: str, title: str, number: str) -> str:
    return slug_of(unquote(name), 110) or slug_of(title) or f"article-{number or _digest(title)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
