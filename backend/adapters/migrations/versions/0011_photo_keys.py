"""The phone's own key of each picture: however often one is sent, it is kept once."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# indexes, not constraints: for a constraint SQLite writes the table anew and forgets which draft numbers were given
UNIQUE = {"photo_draft": "student_id", "photo_version": "photo_id"}


def upgrade() -> None:
    for table, owner in UNIQUE.items():
        op.add_column(table, sa.Column("upload_key", sa.String(length=36), nullable=True))
        op.create_index(f"ix_{table}_{owner}_upload_key", table, [owner, "upload_key"], unique=True)


def downgrade() -> None:
    for table, owner in UNIQUE.items():
        op.drop_index(f"ix_{table}_{owner}_upload_key", table)
        op.drop_column(table, "upload_key")
