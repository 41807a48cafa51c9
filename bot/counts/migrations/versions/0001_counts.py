"""The counts, their names and their writers: decision record 0008."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the three tables."""
    day = sa.Date().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "names",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    named = ("campaign", "area", "language", "audience", "what", "item")
    op.create_table(
        "counts",
        sa.Column("grain", sa.Integer(), nullable=False),
        sa.Column("first_day", day, nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in named),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("grain", "first_day", *named),
        *(sa.ForeignKeyConstraint([name], ["names.id"]) for name in ("grain", *named)),
        sa.CheckConstraint("number > 0", name="number_is_positive"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "writers",
        sa.Column("writer", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last_batch", sa.BigInteger(), nullable=False),
        sa.Column("week", day, nullable=False),
        sa.PrimaryKeyConstraint("writer"),
    )


def downgrade() -> None:
    """Drop them, with all that was counted."""
    for table in ("writers", "counts", "names"):
        op.drop_table(table)
