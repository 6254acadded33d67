"""Linked photos, what 学信网 says of a student, conclusions, and changes of status."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "conclusion_deletion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["student_id"], ["student.id"], name=op.f("fk_conclusion_deletion_student_id_student")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conclusion_deletion")),
    )
    with op.batch_alter_table("conclusion_deletion", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_conclusion_deletion_student_id"), ["student_id"], unique=False)

    op.create_table(
        "status_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("counts", sa.Boolean(), nullable=True),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("last_day IS NULL OR last_day >= first_day", name=op.f("ck_status_change_days")),
        sa.ForeignKeyConstraint(["student_id"], ["student.id"], name=op.f("fk_status_change_student_id_student")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_change")),
    )
    with op.batch_alter_table("status_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_status_change_student_id"), ["student_id"], unique=False)

    op.create_table(
        "wizard_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("given", sa.JSON(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("outcome", sa.String(length=24), nullable=True),
        sa.Column("look_again_on", sa.Date(), nullable=True),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["student_id"], ["student.id"], name=op.f("fk_wizard_run_student_id_student")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wizard_run")),
    )
    with op.batch_alter_table("wizard_run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_wizard_run_student_id"), ["student_id"], unique=False)

    op.create_table(
        "chsi_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("has_photo", sa.Boolean(), nullable=True),
        sa.Column("proofreading", sa.String(length=16), nullable=False),
        sa.Column("review", sa.String(length=60), nullable=False),
        sa.Column("remark", sa.LargeBinary(), nullable=False),
        sa.Column("identity_review", sa.LargeBinary(), nullable=False),
        sa.Column("witness", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["recorded_by"], ["account.id"], name=op.f("fk_chsi_record_recorded_by_account")),
        sa.ForeignKeyConstraint(["student_id"], ["student.id"], name=op.f("fk_chsi_record_student_id_student")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chsi_record")),
    )
    with op.batch_alter_table("chsi_record", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_chsi_record_student_id_as_of"), ["student_id", "as_of"], unique=False)

    op.create_table(
        "linked_photo",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("file_name", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("witness", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["added_by"], ["account.id"], name=op.f("fk_linked_photo_added_by_account")),
        sa.ForeignKeyConstraint(["student_id"], ["student.id"], name=op.f("fk_linked_photo_student_id_student")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_linked_photo")),
    )
    with op.batch_alter_table("linked_photo", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_linked_photo_student_id_kind"), ["student_id", "kind"], unique=False)

    op.create_table(
        "reminder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["wizard_run.id"], name=op.f("fk_reminder_run_id_wizard_run")),
        sa.ForeignKeyConstraint(["student_id"], ["student.id"], name=op.f("fk_reminder_student_id_student")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
    )
    with op.batch_alter_table("reminder", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reminder_student_id"), ["student_id"], unique=False)

    op.create_table(
        "stage_evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("witness", sa.String(length=16), nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["recorded_by"], ["account.id"], name=op.f("fk_stage_evidence_recorded_by_account")),
        sa.ForeignKeyConstraint(["student_id"], ["student.id"], name=op.f("fk_stage_evidence_student_id_student")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage_evidence")),
    )
    with op.batch_alter_table("stage_evidence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stage_evidence_student_id_stage"), ["student_id", "stage"], unique=False)

    op.create_table(
        "conclusion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("linked_photo_id", sa.Integer(), nullable=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("photo_right", sa.Boolean(), nullable=False),
        sa.Column("data_right", sa.Boolean(), nullable=False),
        sa.Column("data_version", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("window_until", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("round >= 1", name=op.f("ck_conclusion_round")),
        sa.ForeignKeyConstraint(
            ["linked_photo_id"], ["linked_photo.id"], name=op.f("fk_conclusion_linked_photo_id_linked_photo")
        ),
        sa.ForeignKeyConstraint(["student_id"], ["student.id"], name=op.f("fk_conclusion_student_id_student")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conclusion")),
    )
    with op.batch_alter_table("conclusion", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_conclusion_student_id"), ["student_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("conclusion", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_conclusion_student_id"))

    op.drop_table("conclusion")
    with op.batch_alter_table("stage_evidence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stage_evidence_student_id_stage"))

    op.drop_table("stage_evidence")
    with op.batch_alter_table("reminder", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reminder_student_id"))

    op.drop_table("reminder")
    with op.batch_alter_table("linked_photo", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_linked_photo_student_id_kind"))

    op.drop_table("linked_photo")
    with op.batch_alter_table("chsi_record", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_chsi_record_student_id_as_of"))

    op.drop_table("chsi_record")
    with op.batch_alter_table("wizard_run", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_wizard_run_student_id"))

    op.drop_table("wizard_run")
    with op.batch_alter_table("status_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_status_change_student_id"))

    op.drop_table("status_change")
    with op.batch_alter_table("conclusion_deletion", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_conclusion_deletion_student_id"))

    op.drop_table("conclusion_deletion")
