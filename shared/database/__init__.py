"""How services keep things in Postgres: engine, unit of work, outbox.

Each service owns its database, tables and statements; here is only what they do alike.
"""
