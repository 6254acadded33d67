"""Each photo of a batch keeps where the unit's answer to it came from, and of which day it is.

Until now both had to be guessed from the words on the student's stage: by hand, where the batch is the source of one,
otherwise the file that spoke of the student last.
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("batch_item", sa.Column("source", sa.String(length=40), nullable=True))
    op.add_column("batch_item", sa.Column("said_on", sa.Date(), nullable=True))
    op.execute(
        """
        UPDATE batch_item SET
          source = 'batch ' || batch_id,
          said_on = (SELECT received_on FROM batch WHERE batch.id = batch_item.batch_id)
        WHERE answer IS NOT NULL AND EXISTS (
          SELECT 1 FROM stage_evidence AS word
          WHERE word.student_id = batch_item.student_id AND word.stage = 'hand_over' AND word.witness = 'unit'
            AND word.source = 'batch ' || batch_item.batch_id
        )
        """
    )
    op.execute(
        """
        UPDATE batch_item SET source = (
          SELECT word.source FROM stage_evidence AS word
          WHERE word.student_id = batch_item.student_id AND word.stage = 'hand_over' AND word.witness = 'unit'
            AND word.source LIKE 'import %'
          ORDER BY word.id DESC LIMIT 1
        )
        WHERE answer IS NOT NULL AND source IS NULL
        """
    )
    op.execute(
        """
        UPDATE batch_item SET said_on = (
          SELECT as_of FROM import_run WHERE 'import ' || import_run.id = batch_item.source
        )
        WHERE answer IS NOT NULL AND said_on IS NULL
        """
    )


def downgrade() -> None:
    op.drop_column("batch_item", "said_on")
    op.drop_column("batch_item", "source")
