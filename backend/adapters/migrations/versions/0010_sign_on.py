"""Staff accounts that sign in through the college's single sign-on."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("account", sa.Column("sign_on_name", sa.String(length=128), nullable=True))
    op.create_index(op.f("ix_account_sign_on_name"), "account", ["sign_on_name"], unique=True)
    op.add_column("sign_in", sa.Column("method", sa.String(length=12), nullable=False, server_default="password"))
    op.add_column("sign_in", sa.Column("outside_index", sa.LargeBinary(length=16), nullable=True))
    op.create_index(op.f("ix_sign_in_outside_index"), "sign_in", ["outside_index"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_sign_in_outside_index"), table_name="sign_in")
    op.drop_column("sign_in", "outside_index")
    op.drop_column("sign_in", "method")
    op.drop_index(op.f("ix_account_sign_on_name"), table_name="account")
    op.drop_column("account", "sign_on_name")
