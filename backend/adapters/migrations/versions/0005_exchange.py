"""Imports: files taken in, their columns, rows and outcomes, so that one can be undone; what 学信网 and units said."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "exam_number",
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["student_id"], ["student.id"], name=op.f("fk_exam_number_student_id_student")),
        sa.PrimaryKeyConstraint("student_id", name=op.f("pk_exam_number")),
        sa.UniqueConstraint("number", name=op.f("uq_exam_number_number")),
    )
    op.create_table(
        "column_choice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("signature", sa.String(length=64), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("chosen_by", sa.Integer(), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["chosen_by"], ["account.id"], name=op.f("fk_column_choice_chosen_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_column_choice")),
        sa.UniqueConstraint("kind", "signature", name=op.f("uq_column_choice_kind_signature")),
    )
    op.create_table(
        "import_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("centre_id", sa.Integer(), nullable=True),
        sa.Column("file_name", sa.String(length=64), nullable=False),
        sa.Column("label", sa.LargeBinary(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("format", sa.String(length=8), nullable=False),
        sa.Column("about", sa.JSON(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=True),
        sa.Column("preview", sa.LargeBinary(), nullable=False),
        sa.Column("total_rows", sa.Integer(), nullable=False),
        sa.Column("done_rows", sa.Integer(), nullable=False),
        sa.Column("expected", sa.JSON(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("uploaded_by", sa.Integer(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_by", sa.Integer(), nullable=True),
        sa.Column("committed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_import_run_centre_id_centre")),
        sa.ForeignKeyConstraint(["started_by"], ["account.id"], name=op.f("fk_import_run_started_by_account")),
        sa.ForeignKeyConstraint(["uploaded_by"], ["account.id"], name=op.f("fk_import_run_uploaded_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
    )
    with op.batch_alter_table("import_run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_import_run_centre_id"), ["centre_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_import_run_kind_state"), ["kind", "state"], unique=False)

    op.create_table(
        "import_effect",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("before", sa.LargeBinary(), nullable=False),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["import_run.id"], name=op.f("fk_import_effect_import_id_import_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_effect")),
    )
    with op.batch_alter_table("import_effect", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_import_effect_import_id_id"), ["import_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_import_effect_student_id"), ["student_id"], unique=False)

    op.create_table(
        "import_problem",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("place", sa.LargeBinary(), nullable=False),
        sa.Column("column", sa.String(length=24), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["import_run.id"], name=op.f("fk_import_problem_import_id_import_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_problem")),
    )
    with op.batch_alter_table("import_problem", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_import_problem_import_id_row"), ["import_id", "row"], unique=False)

    op.create_table(
        "match_result",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("photo", sa.String(length=8), nullable=False),
        sa.Column("identity_marked", sa.Boolean(), nullable=False),
        sa.Column("before", sa.String(length=8), nullable=False),
        sa.Column("superseded", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["import_run.id"], name=op.f("fk_match_result_import_id_import_run")),
        sa.ForeignKeyConstraint(["student_id"], ["student.id"], name=op.f("fk_match_result_student_id_student")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_result")),
        sa.UniqueConstraint("import_id", "student_id", name=op.f("uq_match_result_import_id_student_id")),
    )
    with op.batch_alter_table("match_result", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_match_result_student_id_superseded"), ["student_id", "superseded"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_match_result_superseded_photo"), ["superseded", "photo"], unique=False)

    op.create_table(
        "returned_photo",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.String(length=24), nullable=False),
        sa.Column("file_name", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("returned_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["import_run.id"], name=op.f("fk_returned_photo_import_id_import_run")),
        sa.ForeignKeyConstraint(["student_id"], ["student.id"], name=op.f("fk_returned_photo_student_id_student")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_returned_photo")),
        sa.UniqueConstraint("import_id", "student_id", name=op.f("uq_returned_photo_import_id_student_id")),
    )
    with op.batch_alter_table("returned_photo", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_returned_photo_student_id"), ["student_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("returned_photo", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_returned_photo_student_id"))

    op.drop_table("returned_photo")
    with op.batch_alter_table("match_result", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_match_result_superseded_photo"))
        batch_op.drop_index(batch_op.f("ix_match_result_student_id_superseded"))

    op.drop_table("match_result")
    with op.batch_alter_table("import_problem", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_import_problem_import_id_row"))

    op.drop_table("import_problem")
    with op.batch_alter_table("import_effect", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_import_effect_student_id"))
        batch_op.drop_index(batch_op.f("ix_import_effect_import_id_id"))

    op.drop_table("import_effect")
    with op.batch_alter_table("import_run", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_import_run_kind_state"))
        batch_op.drop_index(batch_op.f("ix_import_run_centre_id"))

    op.drop_table("import_run")
    op.drop_table("column_choice")
    op.drop_table("exam_number")
