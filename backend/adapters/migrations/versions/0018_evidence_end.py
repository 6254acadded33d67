"""When the evidence of errata cases and identity reviews was deleted."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("erratum", sa.Column("evidence_deleted_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("identity_review", sa.Column("evidence_deleted_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("identity_review", "evidence_deleted_at")
    op.drop_column("erratum", "evidence_deleted_at")
