"""The revisions of the api's schema; the environment they run in is shared/service/alembic."""
