"""What the machine found on returned photos; the prints of the parcel, notes and answers taken back."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "returned_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("returned_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(length=12), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=True),
        sa.Column("edition", sa.String(length=40), nullable=False),
        sa.Column("profile", sa.String(length=40), nullable=False),
        sa.Column("report", sa.JSON(), nullable=True),
        sa.Column("problem", sa.String(length=32), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(report is null) = (problem <> '')", name=op.f("ck_returned_report_problem")),
        sa.ForeignKeyConstraint(
            ["returned_id"], ["returned_photo.id"], name=op.f("fk_returned_report_returned_id_returned_photo")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["photo_version.id"], name=op.f("fk_returned_report_version_id_photo_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_returned_report")),
        sa.UniqueConstraint("returned_id", "side", name=op.f("uq_returned_report_returned_id_side")),
    )
    with op.batch_alter_table("returned_check") as table:
        table.drop_constraint(op.f("ck_returned_check_returned"), type_="check")
        table.add_column(sa.Column("medium", sa.String(length=8), nullable=False, server_default="disc"))
        table.add_column(sa.Column("note", sa.LargeBinary(), nullable=True))
        table.add_column(sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True))
        table.alter_column("version_id", existing_type=sa.Integer(), nullable=True)
        table.alter_column("returned_id", existing_type=sa.Integer(), nullable=False)
        table.alter_column("returned_file", existing_type=sa.String(length=64), nullable=False)
        table.create_check_constraint(op.f("ck_returned_check_beside"), "medium = 'paper' or version_id is not null")
    with op.batch_alter_table("returned_check") as table:
        table.alter_column("medium", existing_type=sa.String(length=8), server_default=None)


def downgrade() -> None:
    op.execute("DELETE FROM returned_check WHERE medium = 'paper' OR undone_at IS NOT NULL")
    with op.batch_alter_table("returned_check") as table:
        table.drop_constraint(op.f("ck_returned_check_beside"), type_="check")
        table.alter_column("returned_file", existing_type=sa.String(length=64), nullable=True)
        table.alter_column("returned_id", existing_type=sa.Integer(), nullable=True)
        table.alter_column("version_id", existing_type=sa.Integer(), nullable=False)
        table.drop_column("undone_at")
        table.drop_column("note")
        table.drop_column("medium")
        table.create_check_constraint(
            op.f("ck_returned_check_returned"), "(returned_id is null) = (returned_file is null)"
        )
    op.drop_table("returned_report")
