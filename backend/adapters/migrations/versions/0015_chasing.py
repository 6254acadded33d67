"""Reminders and calls to students who are missing."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("way", sa.String(length=12), nullable=False),
        sa.Column("template", sa.String(length=12), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("way IN ('reminder', 'call')", name=op.f("ck_contact_way")),
        sa.CheckConstraint("(way = 'call') = (outcome IS NOT NULL)", name=op.f("ck_contact_outcome")),
        sa.CheckConstraint("(way = 'reminder') = (template IS NOT NULL)", name=op.f("ck_contact_template")),
        sa.ForeignKeyConstraint(["student_id"], ["student.id"], name=op.f("fk_contact_student_id_student")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
    )
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contact_student_id_at"), ["student_id", "at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contact_student_id_at"))

    op.drop_table("contact")
