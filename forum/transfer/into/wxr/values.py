"""Turn the texts of a WordPress export into the values of our records. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import unquote

from forum.articles.models import MAX_STANDFIRST
from forum.articles.naming import slug_of
from forum.clock import is_usable
from forum.people.names import username_from
from forum.text.tokens import tokens
from forum.text.words import is_seen, one_line, plain, tidy
from forum.transfer.checks import write_time
from forum.transfer.into.wxr.paragraphs import Find, paragraphs
from forum.transfer.into.wxr.shortcodes import Gallery
from forum.transfer.lines import Record

NO_DATE = "0000-00-00 00:00:00"
LONGEST_TITLE, LONGEST_GUEST = 200, 60  # characters, as in the forms
_WORDS_OF_TITLE = 60  # characters of a text that make the title of an article without one
_IN_BRACKETS = re.compile(r"[(\[\"']([^()\[\]\"']+)[)\]\"']")
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)", re.ASCII)


def words(text: str) -> str:
    """Return a name or a title, which WordPress keeps as HTML, as one line of words."""
    return one_line("".join(token.value for token in tokens(text) if token.kind == "text"))


def login(text: str) -> str:
    """Return a sign-in name as the key of its person."""
    return one_line(text)[:100]


def person(login: str, shown: str, number: str | None) -> Record:
    """Return a person who wrote for the blog: an author, without a password."""
    name = without_address(words(shown)) or without_address(login)
    username = username_from(without_address(login)) or username_from(name)
    username = username[:40] if len(username) > 1 else "author-" + _digest(login)
    return {
        "type": "person",
        "id": None,
        "key": login,
        "also": f"user {number.strip()}" if number and number.strip() else None,
        "foreign_id": login if username == login else _digest(login),
        "match": username == login,
        "username": username,
        "display_name": name[:60].strip() or username,
        "role": "author",
        "created_at": None,
    }


def without_address(name: str) -> str:
    """Return a name without addresses of mail; of a name that is one, the part before the @."""
    name = name.replace("\uff20", "@").replace("\ufe6b", "@")
    if "@" not in name:
        return name
    kept = " ".join(word for word in name.split() if "@" not in word)
    if in_brackets := _IN_BRACKETS.fullmatch(kept):  # "jo@example.org (Jo)", as addresses of mail are written
        kept = in_brackets[1]
    return kept or next((part for part in re.split(r"[@<>()\s]+", name, maxsplit=2) if part), "")


def tag(nicename: str, name: str) -> tuple[str, str]:
    """Return a tag's address and its name."""
    shown = words(name)[:60].strip()
    return slug_of(unquote(nicename), 60) or slug_of(shown, 60), shown or one_line(unquote(nicename))[:60].strip()


def article(
    fields: Mapping[str, str],
    key: str,
    author: str,
    status: str,
    tags: list[str],
    base: str,
    find: Find,
    gallery: Gallery,
) -> Record:
    """Return an article. A scheduled or private one is a draft that keeps its date; other drafts have none yet."""
    content = tidy(fields.get("content:encoded", ""))
    if address := fields.get("wp:attachment_url", "").strip():
        content = f'{content}\n\n<img src="{address}" alt="">'
    source, changed = paragraphs(content, base, find=find, gallery=gallery)
    title = words(fields.get("title", ""))
    if not title:
        said = plain(source)
        title = said if len(said) <= _WORDS_OF_TITLE else said[:_WORDS_OF_TITLE].rsplit(" ", 1)[0] + "…"
    changed["titles"] = int(len(title) > LONGEST_TITLE)
    number = fields.get("wp:post_id", "").strip()
    dates = [fields.get(name, "") for name in ("wp:post_date_gmt", "wp:post_date", "pubDate")]
    moment = _moment(*dates)
    changed["dates"] = int(moment is None and _is_said(dates))
    address = fields.get("guid", "") or fields.get("link", "")
    slug = _slug(fields.get("wp:post_name", ""), title, number)
    return {
        "type": "article",
        "id": None,
        "key": key,
        "number": number or (_digest(address) if address else ""),
        "digest": _digest(f"{number} {title} {fields.get('wp:post_name', '')} {moment} {content}"),
        "slug": slug,
        **_former(fields.get("_wp_old_slug", ""), slug),
        "title": title[:LONGEST_TITLE].strip() or "Untitled",
        "author": author,
        "status": status,
        "created_at": moment,
        "published_at": None if fields.get("wp:status", "").strip() in ("draft", "pending") else moment,
        "updated_at": None,
        "standfirst": words(fields.get("excerpt:encoded", ""))[:MAX_STANDFIRST].strip(),
        "format": "html",
        "source": source,
        "source_name": "",
        "source_url": "",
        "tags": tags,
        "changed": +changed,
    }


def closing(article: Mapping[str, Any], words: str) -> Record:
    """Return the closing of an article whose discussion was closed at the source."""
    nothing = dict.fromkeys(("branch", "at", "closed_by", "once", "until"))
    own = {"key": article["key"], "article": article["key"], "words": words, "people": []}
    return {"type": "closure", "id": None, "foreign_id": article["foreign_id"], **own, **nothing}


def comment(fields: Mapping[str, str], article: str, status: str, base: str) -> Record:
    """Return a comment: by a person of the blog where its number is theirs, else by a guest, without any address."""
    content = tidy(fields.get("wp:comment_content", ""))
    source, changed = paragraphs(content, base, article=False)
    parent = fields.get("wp:comment_parent", "").strip()[:100]
    user = fields.get("wp:comment_user_id", "").strip()
    whole = words(fields.get("wp:comment_author", ""))
    name = without_address(whole)
    changed["names"] = int(name != whole or len(name) > LONGEST_GUEST)
    dates = [fields.get(name, "") for name in ("wp:comment_date_gmt", "wp:comment_date")]
    moment = _moment(*dates)
    changed["dates"] = int(moment is None and _is_said(dates))
    number = fields.get("wp:comment_id", "").strip()
    answers = parent if parent not in ("", "0") else None
    return {
        "type": "comment",
        "id": None,
        "key": f"{article} {number}"[:100],
        "number": number,
        "digest": _digest(f"{number} {article} {moment} {whole} {content}"),
        "article": article,
        "parent": f"{article} {answers}"[:100] if answers else None,
        "foreign_parent_id": answers,
        "author": f"user {user}" if user not in ("", "0") else None,
        "guest": (name[:LONGEST_GUEST].strip() if is_seen(name) else "") or "Anonymous",
        "status": status,
        "held_reason": "imported" if status == "held" else None,
        "created_at": moment,
        "edited_at": None,
        "format": "html",
        "source": source,
        "changed": +changed,
    }


def removal(comment: Mapping[str, Any], note: str) -> Record:
    """Return the decision that stands behind a removed comment, without which nobody here could bring it back."""
    key, decision = comment["key"], "hide" if comment["status"] == "hidden" else "spam"
    nobody = {"moderator": None, "undone_at": None, "undone_by": None}
    said = {"decision": decision, "rule": "", "note": note, "before": {key: "published"}}
    return {"type": "decision", "id": None, "key": key, "comment": key, **said, **nobody}


def _is_said(dates: Iterable[str]) -> bool:
    return any(text.strip() and text.strip() != NO_DATE and "-0001" not in text for text in dates)


def _moment(*texts: str) -> str | None:
    """Return the first text that is a date. Texts in GMT come first; a local one is read as GMT."""
    for text in texts:
        found = _date(text.strip()) if text else None
        if found is not None and is_usable(found):
            return write_time(found)
    return None


def _date(text: str) -> datetime | None:
    try:
        if match := _DATE.fullmatch(text):
            return datetime(*(int(part) for part in match.groups()), tzinfo=UTC)  # type: ignore[arg-type, misc]
        parsed = parsedate_to_datetime(text)
        return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def _slug(name: str, title: str, number: str) -> str:
    return slug_of(unquote(name), 110) or slug_of(title) or f"article-{number or _digest(title)}"


def _former(addresses: str, slug: str) -> Record:
    """Return the field of the addresses that an article had before, one in each line; none where there were none."""
    found = {slug_of(unquote(line), 110) for line in addresses.split("\n")} - {"", slug}
    return {"former": sorted(found)} if found else {}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
