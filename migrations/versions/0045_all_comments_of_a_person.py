"""Acts about all that one person wrote since a moment: they name comments, of which few have a case."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEPT = {"sqlite_autoincrement": True}


def upgrade() -> None:
    with op.batch_alter_table("bulks", table_kwargs=KEPT) as bulks:
        bulks.add_column(sa.Column("person_id", ID))
        bulks.create_foreign_key("fk_bulks_person_id_people", "people", ["person_id"], ["id"])
    _name_by("comment_id", ["bulk_id", "state", "article_id", "comment_id"], may_lack_a_case=True)
    op.add_column("decisions", sa.Column("first_id", ID))
    where = sa.text("first_id IS NOT NULL")
    op.create_index("ix_decisions_first", "decisions", ["first_id"], sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    op.drop_index("ix_decisions_first", "decisions")
    op.drop_column("decisions", "first_id")
    op.execute("DELETE FROM bulk_cases WHERE bulk_id IN (SELECT id FROM bulks WHERE person_id IS NOT NULL)")
    op.execute("DELETE FROM bulks WHERE person_id IS NOT NULL")
    _name_by("case_id", ["bulk_id", "state", "article_id", "case_id"], may_lack_a_case=False)
    with op.batch_alter_table("bulks", table_kwargs=KEPT) as bulks:
        bulks.drop_constraint("fk_bulks_person_id_people", type_="foreignkey")
        bulks.drop_column("person_id")


def _name_by(column: str, indexed: list[str], *, may_lack_a_case: bool) -> None:
    op.drop_index("ix_bulk_cases_state", "bulk_cases")
    with op.batch_alter_table("bulk_cases") as rows:
        rows.drop_constraint("pk_bulk_cases", type_="primary")
        rows.create_primary_key("pk_bulk_cases", ["bulk_id", column])
        rows.alter_column("case_id", existing_type=ID, nullable=may_lack_a_case)
    op.create_index("ix_bulk_cases_state", "bulk_cases", indexed)
