"""Bulk uploads of scans by a centre, and who handed a scan in."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "scanned_picture",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("original_file", sa.String(length=64), nullable=False),
        sa.Column("profile", sa.String(length=40), nullable=False),
        sa.Column("judged_file", sa.String(length=64), nullable=True),
        sa.Column("registration_file", sa.String(length=64), nullable=True),
        sa.Column("verdict", sa.String(length=16), nullable=True),
        sa.Column("usable", sa.Boolean(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=True),
        sa.Column("unreadable", sa.String(length=24), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scanned_picture")),
        sa.UniqueConstraint("original_file", "profile", name=op.f("uq_scanned_picture_original_file_profile")),
    )
    op.create_table(
        "bulk_upload",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("centre_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("working", sa.Boolean(), nullable=False),
        sa.Column("opened_by", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_bulk_upload_centre_id_centre")),
        sa.ForeignKeyConstraint(["opened_by"], ["account.id"], name=op.f("fk_bulk_upload_opened_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_upload")),
    )
    with op.batch_alter_table("bulk_upload", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bulk_upload_centre_id"), ["centre_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_bulk_upload_state_expires_at"), ["state", "expires_at"], unique=False)

    op.create_table(
        "bulk_archive",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("upload_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=64), nullable=True),
        sa.Column("label", sa.LargeBinary(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(length=24), nullable=False),
        sa.Column("sent_by", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["sent_by"], ["account.id"], name=op.f("fk_bulk_archive_sent_by_account")),
        sa.ForeignKeyConstraint(["upload_id"], ["bulk_upload.id"], name=op.f("fk_bulk_archive_upload_id_bulk_upload")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_archive")),
    )
    with op.batch_alter_table("bulk_archive", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bulk_archive_upload_id"), ["upload_id"], unique=False)

    op.create_table(
        "bulk_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("upload_id", sa.Integer(), nullable=False),
        sa.Column("mark", sa.LargeBinary(length=16), nullable=False),
        sa.Column("path", sa.LargeBinary(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(length=24), nullable=False),
        sa.Column("picture_id", sa.Integer(), nullable=True),
        sa.Column("match", sa.String(length=24), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=True),
        sa.Column("assigned_by", sa.Integer(), nullable=True),
        sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_by", sa.Integer(), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["asked_by"], ["account.id"], name=op.f("fk_bulk_item_asked_by_account")),
        sa.ForeignKeyConstraint(["assigned_by"], ["account.id"], name=op.f("fk_bulk_item_assigned_by_account")),
        sa.ForeignKeyConstraint(
            ["picture_id"], ["scanned_picture.id"], name=op.f("fk_bulk_item_picture_id_scanned_picture")
        ),
        sa.ForeignKeyConstraint(["student_id"], ["student.id"], name=op.f("fk_bulk_item_student_id_student")),
        sa.ForeignKeyConstraint(["upload_id"], ["bulk_upload.id"], name=op.f("fk_bulk_item_upload_id_bulk_upload")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["photo_version.id"], name=op.f("fk_bulk_item_version_id_photo_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_item")),
        sa.UniqueConstraint("upload_id", "mark", name=op.f("uq_bulk_item_upload_id_mark")),
    )
    with op.batch_alter_table("bulk_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bulk_item_picture_id"), ["picture_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_bulk_item_student_id"), ["student_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_bulk_item_version_id"), ["version_id"], unique=False)

    op.add_column("photo_version", sa.Column("submitted_by", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("photo_version", "submitted_by")

    with op.batch_alter_table("bulk_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bulk_item_version_id"))
        batch_op.drop_index(batch_op.f("ix_bulk_item_student_id"))
        batch_op.drop_index(batch_op.f("ix_bulk_item_picture_id"))

    op.drop_table("bulk_item")
    with op.batch_alter_table("bulk_archive", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bulk_archive_upload_id"))

    op.drop_table("bulk_archive")
    with op.batch_alter_table("bulk_upload", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bulk_upload_state_expires_at"))
        batch_op.drop_index(batch_op.f("ix_bulk_upload_centre_id"))

    op.drop_table("bulk_upload")
    op.drop_table("scanned_picture")
