"""People with their names, sessions and one-time links; the site's settings and documents.

Revisions 0001 to 0003 belonged to a schema that was never released. The numbers go on behind them, so that a database
of that time is not taken for one of this.
"""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _people()
    _name_keys()
    _sessions()
    _one_time_links()
    _site()
    _site_changes()
    _documents()


def downgrade() -> None:
    for table in ("documents", "site_changes", "site", "one_time_links", "sessions", "name_keys", "people"):
        op.drop_table(table)


def _people() -> None:
    op.create_table(
        "people",
        sa.Column("id", ID, nullable=False),
        sa.Column("username", sa.String(60), nullable=False),
        sa.Column("display_name", sa.String(80), nullable=False),
        sa.Column("email", sa.String(254)),
        sa.Column("password_hash", sa.String(200)),
        sa.Column("role", sa.String(12), nullable=False),
        sa.Column("about", sa.String(500), nullable=False),
        sa.Column("hides_comments", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("renamed_at", MOMENT),
        sa.Column("former_names", sa.JSON(), nullable=False),
        sa.Column("approved_at", MOMENT),
        sa.Column("suspended_until", MOMENT),
        sa.Column("suspension_reason", sa.String(300), nullable=False),
        sa.Column("deactivated_at", MOMENT),
        sa.Column("origin", sa.String(32)),
        sa.Column("foreign_id", sa.String(100)),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
        sa.UniqueConstraint("email", name="uq_people_email"),
        sa.UniqueConstraint("origin", "foreign_id", name="uq_people_origin_foreign_id"),
        sa.UniqueConstraint("username", name="uq_people_username"),
        sqlite_autoincrement=True,
    )
    waiting = sa.text("approved_at IS NULL AND deactivated_at IS NULL")
    op.create_index("ix_people_waiting", "people", ["id"], sqlite_where=waiting, postgresql_where=waiting)


def _name_keys() -> None:
    op.create_table(
        "name_keys",
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_name_keys_person_id_people"),
        sa.PrimaryKeyConstraint("key", name="pk_name_keys"),
    )
    op.create_index("ix_name_keys_person_id", "name_keys", ["person_id"])


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", ID, nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("person_id", ID),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_sessions_person_id_people"),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        sa.UniqueConstraint("token_hash", name="uq_sessions_token_hash"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_sessions_person_id", "sessions", ["person_id"])
    op.create_index("ix_sessions_seen_at", "sessions", ["seen_at"])


def _one_time_links() -> None:
    op.create_table(
        "one_time_links",
        sa.Column("id", ID, nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("purpose", sa.String(10), nullable=False),
        sa.Column("person_id", ID),
        sa.Column("created_by_id", ID),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT),
        sa.Column("note", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["people.id"], name="fk_one_time_links_created_by_id_people"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_one_time_links_person_id_people"),
        sa.PrimaryKeyConstraint("id", name="pk_one_time_links"),
        sa.UniqueConstraint("token_hash", name="uq_one_time_links_token_hash"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_one_time_links_person_id", "one_time_links", ["person_id"])


def _site() -> None:
    table = op.create_table(
        "site",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("origin", sa.String(32), nullable=False),
        sa.Column("version", ID, nullable=False),
        sa.Column("set_up_at", MOMENT),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("tagline", sa.String(200), nullable=False),
        sa.Column("url", sa.String(200), nullable=False),
        sa.Column("language", sa.String(20), nullable=False),
        sa.Column("timezone", sa.String(60), nullable=False),
        sa.Column("accent", sa.String(7), nullable=False),
        sa.Column("contact", sa.String(300), nullable=False),
        sa.Column("footer_links", sa.JSON(), nullable=False),
        sa.Column("sign_up", sa.String(12), nullable=False),
        sa.Column("who_may_comment", sa.String(12), nullable=False),
        sa.Column("edit_minutes", sa.Integer(), nullable=False),
        sa.Column("public_history", sa.Boolean(), nullable=False),
        sa.Column("logo", sa.LargeBinary()),
        sa.Column("logo_hash", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_site"),
    )
    row = {
        "id": 1,
        "origin": secrets.token_hex(16),
        "version": secrets.randbits(63),
        "is_demo": False,
        "language": "en",
        "timezone": "UTC",
        "sign_up": "open",
        "who_may_comment": "members",
        "edit_minutes": 30,
        "public_history": True,
        "footer_links": [],
    }
    row |= dict.fromkeys(("name", "tagline", "url", "accent", "contact", "logo_hash"), "")
    op.bulk_insert(table, [row])


def _site_changes() -> None:
    op.create_table(
        "site_changes",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("undone_at", MOMENT),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_site_changes_person_id_people"),
        sa.PrimaryKeyConstraint("id", name="pk_site_changes"),
        sqlite_autoincrement=True,
    )


def _documents() -> None:
    op.create_table(
        "documents",
        sa.Column("id", ID, nullable=False),
        sa.Column("slug", sa.String(20), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("is_starter", sa.Boolean(), nullable=False),
        sa.Column("person_id", ID),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_documents_person_id_people"),
        sa.PrimaryKeyConstraint("id", name="pk_documents"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_documents_slug", "documents", ["slug", "id"])
