"""The team's lists as they were laid beside the numbers, and what staff decided about each line."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "team_list",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["capture_session.id"], name=op.f("fk_team_list_session_id_capture_session")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_list")),
    )
    with op.batch_alter_table("team_list", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_team_list_session_id"), ["session_id"], unique=False)

    op.create_table(
        "team_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("student_id", sa.Integer(), nullable=True),
        sa.Column("match", sa.String(length=12), nullable=False),
        sa.Column("decision", sa.String(length=12), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["list_id"], ["team_list.id"], name=op.f("fk_team_line_list_id_team_list")),
        sa.ForeignKeyConstraint(["student_id"], ["student.id"], name=op.f("fk_team_line_student_id_student")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_line")),
        sa.UniqueConstraint("list_id", "row", name=op.f("uq_team_line_list_id_row")),
    )
    with op.batch_alter_table("team_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_team_line_student_id"), ["student_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("team_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_team_line_student_id"))

    op.drop_table("team_line")
    with op.batch_alter_table("team_list", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_team_list_session_id"))

    op.drop_table("team_list")
