"""Alembic's environment, shared by all services; the revisions are each service's own."""
