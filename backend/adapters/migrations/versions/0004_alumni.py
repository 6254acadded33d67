"""Alumni: applications, their cases and the sensitive scans that belong to them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alumni_application",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=8), nullable=False),
        sa.Column("code_index", sa.LargeBinary(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("centre_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("certificate_number", sa.LargeBinary(), nullable=True),
        sa.Column("id_number", sa.LargeBinary(), nullable=True),
        sa.Column("id_number_index", sa.LargeBinary(length=16), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("student_id", sa.Integer(), nullable=True),
        sa.Column("forget_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_alumni_application_centre_id_centre")),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name=op.f("fk_alumni_application_decided_by_account")),
        sa.ForeignKeyConstraint(["student_id"], ["student.id"], name=op.f("fk_alumni_application_student_id_student")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alumni_application")),
        sa.UniqueConstraint("number", name=op.f("uq_alumni_application_number")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("alumni_application", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_alumni_application_forget_at"), ["forget_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_alumni_application_state_made_at"), ["state", "made_at"], unique=False)

    op.create_table(
        "alumni_package",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["account.id"], name=op.f("fk_alumni_package_made_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alumni_package")),
    )
    op.create_table(
        "alumni_case",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Integer(), nullable=True),
        sa.Column("route", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("opinion", sa.Text(), nullable=False),
        sa.Column("opinion_by", sa.Integer(), nullable=True),
        sa.Column("opinion_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("prints", sa.Integer(), nullable=False),
        sa.Column("prints_on", sa.Date(), nullable=True),
        sa.Column("prints_by", sa.Integer(), nullable=True),
        sa.Column("sent_on", sa.Date(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("scans_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("scans_deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("prints >= 0", name=op.f("ck_alumni_case_prints")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["alumni_application.id"], name=op.f("fk_alumni_case_application_id_alumni_application")
        ),
        sa.ForeignKeyConstraint(["opinion_by"], ["account.id"], name=op.f("fk_alumni_case_opinion_by_account")),
        sa.ForeignKeyConstraint(["prints_by"], ["account.id"], name=op.f("fk_alumni_case_prints_by_account")),
        sa.ForeignKeyConstraint(["student_id"], ["student.id"], name=op.f("fk_alumni_case_student_id_student")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alumni_case")),
    )
    with op.batch_alter_table("alumni_case", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_alumni_case_scans_until"), ["scans_until"], unique=False)
        batch_op.create_index(batch_op.f("ix_alumni_case_state_due_on"), ["state", "due_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_alumni_case_student_id"), ["student_id"], unique=False)

    op.create_table(
        "alumni_package_item",
        sa.Column("package_id", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["alumni_case.id"], name=op.f("fk_alumni_package_item_case_id_alumni_case")
        ),
        sa.ForeignKeyConstraint(
            ["package_id"], ["alumni_package.id"], name=op.f("fk_alumni_package_item_package_id_alumni_package")
        ),
        sa.PrimaryKeyConstraint("package_id", "serial", name=op.f("pk_alumni_package_item")),
        sa.UniqueConstraint("package_id", "case_id", name=op.f("uq_alumni_package_item_package_id_case_id")),
    )
    op.create_table(
        "alumni_paper",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("file_name", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("judged_file", sa.String(length=64), nullable=True),
        sa.Column("registration_file", sa.String(length=64), nullable=True),
        sa.Column("report", sa.JSON(), nullable=True),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["alumni_case.id"], name=op.f("fk_alumni_paper_case_id_alumni_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alumni_paper")),
        sa.UniqueConstraint("case_id", "kind", name=op.f("uq_alumni_paper_case_id_kind")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:

    op.drop_table("alumni_paper")
    op.drop_table("alumni_package_item")
    with op.batch_alter_table("alumni_case", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_alumni_case_student_id"))
        batch_op.drop_index(batch_op.f("ix_alumni_case_state_due_on"))
        batch_op.drop_index(batch_op.f("ix_alumni_case_scans_until"))

    op.drop_table("alumni_case")
    op.drop_table("alumni_package")
    with op.batch_alter_table("alumni_application", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_alumni_application_state_made_at"))
        batch_op.drop_index(batch_op.f("ix_alumni_application_forget_at"))

    op.drop_table("alumni_application")
