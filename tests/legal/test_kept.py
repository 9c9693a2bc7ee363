"""What is kept of notices of law and where: not in archives, not beyond a step down; and how many one network sends."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sqlalchemy import text

from forum import create_app, db, schema
from forum.config import Settings
from forum.legal import deciding
from tests.cast import Cast
from tests.legal.scene import SENDER, decided, do, filed, sent
from tests.moderation.scene import write
from tests.transfer.scene import of_type, taken_out


def test_an_archive_has_neither_notices_nor_who_sent_them(cast: Cast) -> None:
    comment = write(cast.tom, cast.article, "A thief.")
    decided(cast.quill, filed(comment), "hide")
    do(cast.quill, deciding.hide_meanwhile, filed(write(cast.tom, cast.article, "Another.")))
    for slug in (None, cast.article.slug):
        archive = taken_out(slug)
        assert of_type(archive, "case") == [line for line in of_type(archive, "case") if line["kind"] != "notice"]
        assert not any(secret.encode() in archive for secret in SENDER.values())
        assert b"calls me a thief" not in archive
        (removed,) = (line for line in of_type(archive, "comment") if line["id"] == comment)
        assert removed["status"] == "hidden"


def test_one_step_down_and_up_with_notices(cast: Cast) -> None:
    comment = write(cast.tom, cast.article)
    filed(comment)
    db.session.remove()
    schema.downgrade("0035")
    assert db.session.execute(text("SELECT count(*) FROM cases WHERE kind = 'notice'")).scalar_one() == 0
    db.session.remove()
    schema.upgrade()
    filed(comment)
    assert db.session.execute(text("SELECT count(*) FROM legal_notices")).scalar_one() == 1


def test_one_network_sends_only_so_many(cast: Cast, database: str, settings: Settings, tmp_path: Path) -> None:
    comment = write(cast.tom, cast.article)
    limits = replace(settings, instance=tmp_path / "limits", database_url=database, rate_limits=True)
    cast.app = create_app(limits)
    children = [sent(cast.browser(), f"/comments/{comment}", kind="child").status_code for _ in range(4)]
    others = [sent(cast.browser(), f"/comments/{comment}").status_code for _ in range(3)]
    with cast.app.app_context():
        db.engine().dispose()
    assert children == [303] * 3 + [429]
    assert others[-1] == 429
