"""Which decisions belong to one contact sheet, and returned and paper photos looked at."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("decision", sa.Column("sheet", sa.String(length=32), nullable=True))
    op.create_index("ix_decision_sheet", "decision", ["sheet"], unique=False)
    op.create_index("ix_decision_reviewer_id_decided_at", "decision", ["reviewer_id", "decided_at"], unique=False)
    op.create_table(
        "returned_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("returned_id", sa.Integer(), nullable=True),
        sa.Column("returned_file", sa.String(length=64), nullable=True),
        sa.Column("answer", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("checked_by", sa.Integer(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(answer = 'wrong') = (reason <> '')", name=op.f("ck_returned_check_reason")),
        sa.CheckConstraint("(returned_id is null) = (returned_file is null)", name=op.f("ck_returned_check_returned")),
        sa.ForeignKeyConstraint(["case_id"], ["erratum.id"], name=op.f("fk_returned_check_case_id_erratum")),
        sa.ForeignKeyConstraint(["checked_by"], ["account.id"], name=op.f("fk_returned_check_checked_by_account")),
        sa.ForeignKeyConstraint(["student_id"], ["student.id"], name=op.f("fk_returned_check_student_id_student")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["photo_version.id"], name=op.f("fk_returned_check_version_id_photo_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_returned_check")),
    )
    op.create_index("ix_returned_check_student_id", "returned_check", ["student_id"], unique=False)
    op.create_index("ix_returned_check_returned_id", "returned_check", ["returned_id"], unique=False)


def downgrade() -> None:
    op.drop_table("returned_check")
    op.drop_index("ix_decision_reviewer_id_decided_at", "decision")
    op.drop_index("ix_decision_sheet", "decision")
    op.drop_column("decision", "sheet")
