"""Bring in the pictures that new articles show."""

from __future__ import annotations

from base64 import b64decode

from flask_babel import gettext as _
from sqlalchemy import insert, select

from forum.articles.models import Article
from forum.db import session
from forum.pictures.encoding import height_at, is_plain_webp
from forum.pictures.models import Picture, PictureFile, picture_uses
from forum.text.pictures import Picture as Shown
from forum.text.pictures import shown_by
from forum.transfer.checks import Malformed
from forum.transfer.into.context import IN_ONE_STATEMENT, ImportContext
from forum.transfer.lines import Record

FILES, TEXTS = 10, 50  # read at once


def import_pictures(context: ImportContext) -> None:
    """Bring in the pictures that new articles show and that are not here, and note which article shows which."""
    shown = _shown(context)
    wanted = {picture for pictures in shown.values() for picture in pictures}
    _find(context, [picture.hash for picture in wanted])
    new: dict[str, Shown] = {}
    for batch in context.staging.batches("picture"):
        found = {record["hash"]: Shown(record["hash"], record["width"], record["height"]) for record in batch}
        missing = [
            record for record in batch if found[record["hash"]] in wanted and record["hash"] not in context.pictures
        ]
        rows = context.insert("picture", missing, len(batch))
        context.pictures |= {row["hash"]: row["id"] for row in rows}
        new |= {row["hash"]: found[row["hash"]] for row in rows}
    _files(context, new)
    uses = [
        {"article_id": article_id, "picture_id": context.pictures[picture.hash]}
        for article_id, pictures in shown.items()
        for picture in pictures
        if picture.hash in context.pictures
    ]
    if uses:
        session.execute(insert(picture_uses), uses)


def _shown(context: ImportContext) -> dict[int, set[Shown]]:
    """Return the pictures that each new article shows, by its id."""
    found: dict[int, set[Shown]] = {}
    ids = sorted(context.new_articles)
    for start in range(0, len(ids), TEXTS):
        part = ids[start : start + TEXTS]
        query = select(Article.id, Article.lead, Article.html, Article.foreword_html, Article.afterword_html)
        for id, lead, *texts in session.execute(query.where(Article.id.in_(part))):
            if pictures := shown_by(lead, *texts):
                found[id] = set(pictures)
    return found


def _find(context: ImportContext, hashes: list[str]) -> None:
    for start in range(0, len(hashes), IN_ONE_STATEMENT):
        part = hashes[start : start + IN_ONE_STATEMENT]
        rows = session.execute(select(Picture.hash, Picture.id).where(Picture.hash.in_(part)))
        context.pictures |= {row.hash: row.id for row in rows}


def _files(context: ImportContext, new: dict[str, Shown]) -> None:
    left = {(picture.hash, width) for picture in new.values() for width in picture.widths}
    for batch in context.staging.batches("picture-file", FILES):
        mine = [record for record in batch if record["picture"] in new]
        for record in mine:
            _check(record, new[record["picture"]])
        left -= {(record["picture"], record["width"]) for record in mine}
        ids = context.new_ids(PictureFile, mine)
        rows = [{**context.row(record), "id": id} for record, id in zip(mine, ids, strict=True)]
        if rows:
            session.execute(insert(PictureFile), rows)
    if left:
        picture, width = min(left)
        raise Malformed(_("the picture %(name)s has no file of %(n)s pixels", name=repr(picture), n=width))


def _check(record: Record, picture: Shown) -> None:
    """Raise Malformed where a file is no picture of its size, or holds more than pixels."""
    width = record["width"]
    if width not in picture.widths or not is_plain_webp(b64decode(record["data"]), width, height_at(picture, width)):
        name = repr(picture.hash)
        raise Malformed(
            _("the file of %(n)s pixels of the picture %(name)s is not what it should be", n=width, name=name)
        )
