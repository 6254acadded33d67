"""Whom the sign-on server means when it ends all sessions of a person."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sign_in", sa.Column("subject_index", sa.LargeBinary(length=16), nullable=True))
    op.create_index(op.f("ix_sign_in_subject_index"), "sign_in", ["subject_index"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_sign_in_subject_index"), table_name="sign_in")
    op.drop_column("sign_in", "subject_index")
