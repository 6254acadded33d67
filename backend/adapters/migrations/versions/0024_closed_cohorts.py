"""A cohort can be closed, as a centre can."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # the default stays: to take it away SQLite would have to make the table anew, to which students refer
    op.add_column("cohort", sa.Column("active", sa.Boolean(), nullable=False, server_default=sa.true()))


def downgrade() -> None:
    op.drop_column("cohort", "active")
