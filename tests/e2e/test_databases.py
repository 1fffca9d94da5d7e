"""Three databases, each with what its service owns and nothing else."""

from deploy.local.stack import StackInfo
from tests.backends.databases import query

TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
VISITORS = """
SELECT DISTINCT datname, application_name FROM pg_stat_activity
 WHERE backend_type = 'client backend' AND datname = current_database()
   AND pid <> pg_backend_pid()"""
ANALYZED = """
SELECT relname, attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
 WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0
   AND attstattarget IS DISTINCT FROM 0"""


def _tables(url: str) -> set[str]:
    return {row["table_name"] for row in query(url, TABLES)} - {"alembic_version"}


def test_each_database_holds_its_services_tables(info: StackInfo) -> None:
    tables = {service: _tables(url) for service, url in info.databases.items()}
    assert tables["api"] >= {"job", "job_event", "idempotency_key", "dead_letter", "outbox"}
    assert tables["generator"] >= {"job", "attempt", "outbox"}
    assert tables["notifier"] >= {"verdict", "outbox"}
    assert "verdict" not in tables["api"] | tables["generator"]
    assert "attempt" not in tables["api"] | tables["notifier"]


def test_no_service_reads_anothers(info: StackInfo) -> None:
    for service, url in info.databases.items():
        visitors = {row["application_name"] for row in query(url, VISITORS)}
        assert visitors, service
        assert all(service in visitor for visitor in visitors), visitors


def test_what_jobs_say_is_not_analyzed(info: StackInfo) -> None:
    said = {"api": {"job", "job_event"}, "generator": {"job", "asset"}, "notifier": {"verdict"}}
    for service, url in info.databases.items():
        analyzed = {(row["relname"], row["attname"]) for row in query(url, ANALYZED)}
        assert {table for table, _ in analyzed} >= said[service]
        columns = {column for table, column in analyzed if table in said[service]}
        assert columns.isdisjoint({"body", "input", "request", "provenance", "assets"}), columns
