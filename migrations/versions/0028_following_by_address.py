"""Mail addresses without an account that follow something.

A subscription and a notice are a person's or an address's.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
KEPT = {"sqlite_autoincrement": True}  # the database does not tell it of the table that SQLite has to make anew
UNSEEN = sa.text("seen_at IS NULL")
ONE = "(person_id IS NULL) <> (address_id IS NULL)"


def upgrade() -> None:
    op.add_column("site", sa.Column("guests_follow", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "addresses",
        sa.Column("id", ID, nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("mail_when", sa.JSON(), nullable=False, server_default="{}"),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_addresses"),
        sa.UniqueConstraint("email", name="uq_addresses_email"),
        sqlite_autoincrement=True,
    )
    _unindex()
    for table in ("notices", "subscriptions"):
        with op.batch_alter_table(table, table_kwargs=KEPT) as changed:
            changed.alter_column("person_id", existing_type=ID, nullable=True)
            changed.add_column(sa.Column("address_id", ID))
            changed.create_foreign_key(f"fk_{table}_address_id_addresses", "addresses", ["address_id"], ["id"])
            changed.create_check_constraint(op.f(f"ck_{table}_one"), ONE)
            if table == "subscriptions":
                changed.create_unique_constraint(
                    "uq_subscriptions_address_id_kind_subject_id", ["address_id", "kind", "subject_id"]
                )
    _index()
    op.create_index("ix_notices_address_id_key", "notices", ["address_id", "key"], unique=True)
    op.create_index("ix_notices_seen", "notices", ["seen_at"])
    op.create_index("ix_notices_article", "notices", ["article_id"], sqlite_where=UNSEEN, postgresql_where=UNSEEN)


def downgrade() -> None:
    for name in ("ix_notices_article", "ix_notices_seen", "ix_notices_address_id_key"):
        op.drop_index(name, "notices")
    _unindex()
    for table in ("notices", "subscriptions"):
        op.execute(sa.text(f"DELETE FROM {table} WHERE person_id IS NULL"))
        with op.batch_alter_table(table, table_kwargs=KEPT) as changed:
            if table == "subscriptions":
                changed.drop_constraint("uq_subscriptions_address_id_kind_subject_id", type_="unique")
            changed.drop_constraint(op.f(f"ck_{table}_one"), type_="check")
            changed.drop_constraint(f"fk_{table}_address_id_addresses", type_="foreignkey")
            changed.drop_column("address_id")
            changed.alter_column("person_id", existing_type=ID, nullable=False)
    _index()
    op.drop_table("addresses")
    op.execute(sa.text("DELETE FROM jobs WHERE kind = 'followers.confirm'"))
    op.drop_column("site", "guests_follow")


def _unindex() -> None:
    # SQLite makes these tables anew, and what is read back of a partial index is not all of it.
    op.drop_index("ix_subscriptions_kind", "subscriptions")
    for name in ("ix_notices_person", "ix_notices_comment", "ix_notices_person_id_key", "ix_notices_unseen"):
        op.drop_index(name, "notices")


def _index() -> None:
    op.create_index("ix_subscriptions_kind", "subscriptions", ["kind", "subject_id", "person_id"])
    op.create_index("ix_notices_person", "notices", ["person_id", "id"])
    op.create_index("ix_notices_comment", "notices", ["comment_id"])
    op.create_index("ix_notices_person_id_key", "notices", ["person_id", "key"], unique=True)
    op.create_index("ix_notices_unseen", "notices", ["person_id"], sqlite_where=UNSEEN, postgresql_where=UNSEEN)
