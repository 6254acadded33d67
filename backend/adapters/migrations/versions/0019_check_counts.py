"""What the machine finds in pictures, counted by day, centre and cohort: most pictures leave no other trace.

Decisions are found by their version: without an index, a college's list of returned photos read all of them for each.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "check_count",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("centre_id", sa.Integer(), nullable=False),
        sa.Column("cohort_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("found", sa.String(length=24), nullable=False),
        sa.Column("pictures", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_check_count_centre_id_centre")),
        sa.PrimaryKeyConstraint("day", "centre_id", "cohort_id", "found", name=op.f("pk_check_count")),
    )
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_decision_version_id"), ["version_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_decision_version_id"))

    op.drop_table("check_count")
