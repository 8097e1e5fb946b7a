"""quotes of an exporter, the newest first.

A migration must leave the previous version of the code working: expand, fill, contract.
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_quote_exporter_id_created_at", "quote", ["exporter_id", "created_at"])
    op.drop_index("ix_quote_exporter_id", table_name="quote")


def downgrade() -> None:
    op.create_index("ix_quote_exporter_id", "quote", ["exporter_id"])
    op.drop_index("ix_quote_exporter_id_created_at", table_name="quote")
