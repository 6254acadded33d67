"""Errata cases, identity review and their evidence."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "erratum",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("form", sa.String(length=24), nullable=False),
        sa.Column("title", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("look_again_on", sa.Date(), nullable=True),
        sa.Column("handed_over_on", sa.Date(), nullable=True),
        sa.Column("round", sa.String(length=40), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("statement", sa.LargeBinary(), nullable=False),
        sa.Column("kept_values", sa.LargeBinary(), nullable=False),
        sa.Column("other_name", sa.LargeBinary(), nullable=False),
        sa.Column("other_number", sa.LargeBinary(), nullable=False),
        sa.Column("other_student_id", sa.Integer(), nullable=True),
        sa.Column("other_agrees", sa.Boolean(), nullable=True),
        sa.Column("other_answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state <> 'sent' OR handed_over_on IS NOT NULL", name=op.f("ck_erratum_handed_over")),
        sa.CheckConstraint("student_id <> other_student_id", name=op.f("ck_erratum_two_students")),
        sa.ForeignKeyConstraint(["other_student_id"], ["student.id"], name=op.f("fk_erratum_other_student_id_student")),
        sa.ForeignKeyConstraint(["student_id"], ["student.id"], name=op.f("fk_erratum_student_id_student")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erratum")),
    )
    op.create_index(op.f("ix_erratum_other_student_id"), "erratum", ["other_student_id"], unique=False)
    op.create_index(op.f("ix_erratum_state_due_on"), "erratum", ["state", "due_on"], unique=False)
    op.create_index(op.f("ix_erratum_student_id"), "erratum", ["student_id"], unique=False)
    op.create_table(
        "identity_review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("round", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["student_id"], ["student.id"], name=op.f("fk_identity_review_student_id_student")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_review")),
    )
    op.create_index(op.f("ix_identity_review_state_due_on"), "identity_review", ["state", "due_on"], unique=False)
    op.create_index(op.f("ix_identity_review_student_id"), "identity_review", ["student_id"], unique=False)
    op.create_table(
        "erratum_evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("file_name", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["erratum.id"], name=op.f("fk_erratum_evidence_case_id_erratum")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erratum_evidence")),
    )
    op.create_index(op.f("ix_erratum_evidence_case_id"), "erratum_evidence", ["case_id"], unique=False)
    op.create_table(
        "erratum_photo",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("original_file", sa.String(length=64), nullable=False),
        sa.Column("judged_file", sa.String(length=64), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["erratum.id"], name=op.f("fk_erratum_photo_case_id_erratum")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erratum_photo")),
    )
    op.create_index(op.f("ix_erratum_photo_case_id"), "erratum_photo", ["case_id"], unique=False)
    op.create_table(
        "erratum_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("state_after", sa.String(length=16), nullable=False),
        sa.Column("party", sa.String(length=16), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["erratum.id"], name=op.f("fk_erratum_step_case_id_erratum")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erratum_step")),
        sa.UniqueConstraint("case_id", "number", name=op.f("uq_erratum_step_case_id_number")),
    )
    op.create_table(
        "identity_evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("file_name", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["identity_review.id"], name=op.f("fk_identity_evidence_case_id_identity_review")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_evidence")),
    )
    op.create_index(op.f("ix_identity_evidence_case_id"), "identity_evidence", ["case_id"], unique=False)
    op.create_table(
        "identity_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("state_after", sa.String(length=16), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["identity_review.id"], name=op.f("fk_identity_step_case_id_identity_review")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_step")),
        sa.UniqueConstraint("case_id", "number", name=op.f("uq_identity_step_case_id_number")),
    )


def downgrade() -> None:
    op.drop_table("identity_step")
    op.drop_index(op.f("ix_identity_evidence_case_id"), table_name="identity_evidence")
    op.drop_table("identity_evidence")
    op.drop_table("erratum_step")
    op.drop_index(op.f("ix_erratum_photo_case_id"), table_name="erratum_photo")
    op.drop_table("erratum_photo")
    op.drop_index(op.f("ix_erratum_evidence_case_id"), table_name="erratum_evidence")
    op.drop_table("erratum_evidence")
    op.drop_index(op.f("ix_identity_review_student_id"), table_name="identity_review")
    op.drop_index(op.f("ix_identity_review_state_due_on"), table_name="identity_review")
    op.drop_table("identity_review")
    op.drop_index(op.f("ix_erratum_student_id"), table_name="erratum")
    op.drop_index(op.f("ix_erratum_state_due_on"), table_name="erratum")
    op.drop_index(op.f("ix_erratum_other_student_id"), table_name="erratum")
    op.drop_table("erratum")
