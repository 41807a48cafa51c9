"""Alembic runs this file to migrate. The connection is `bot.counts.database`'s; there is no other way to come here."""

from alembic import context

from bot.counts.models import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
with context.begin_transaction():
    context.run_migrations()
