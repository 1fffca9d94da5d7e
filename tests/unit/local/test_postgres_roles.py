"""The SQL that makes a database for a service."""

from pathlib import Path

import pytest
from sqlalchemy import make_url

from deploy.local.postgres_roles import databases_sql, socket_url, tcp_url


def test_nobody_else_may_connect() -> None:
    script = databases_sql({"darkroom_api": "abc123"})
    assert 'REVOKE ALL ON DATABASE "darkroom_api" FROM PUBLIC;' in script
    assert "REVOKE CONNECT ON DATABASE postgres FROM PUBLIC;" in script


@pytest.mark.parametrize(("name", "password"), [('x"; DROP', "abc"), ("fine", "it's")])
def test_names_and_passwords_cannot_be_sql(name: str, password: str) -> None:
    with pytest.raises(ValueError, match="not a name"):
        databases_sql({name: password})


def test_a_socket_folder_with_odd_characters_survives_in_a_url() -> None:
    url = make_url(socket_url("api", "abc", Path("/a b/100%/c?d&e")))
    assert url.query["host"] == "/a b/100%/c?d&e"
    assert make_url(tcp_url("api", "abc", 5440)).port == 5440
