"""Until when WeChat is left alone after it has said "too often"."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("wechat_credential", schema=None) as batch_op:
        batch_op.add_column(sa.Column("resting_until", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("wechat_credential", schema=None) as batch_op:
        batch_op.drop_column("resting_until")
