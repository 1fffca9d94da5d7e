"""Calls by https go to the address that was looked at, and only to whom the name belongs."""

import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme
from pydantic import ValidationError

from services.notifier.models import Call
from services.notifier.service.webhooks.outside import Outside
from services.notifier.service.webhooks.posting import Poster
from services.notifier.settings import NotifierSettings
from shared.testing import FixedClock
from tests.receivers import listening

NAME = "hooks.internal"
OURS = trustme.CA()
OTHERS = trustme.CA()
NOW = datetime.now(UTC)


async def at_home(_host: str, _port: int) -> Sequence[str]:
    return ["127.0.0.1"]


@pytest.fixture
def ca_file(tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    OURS.cert_pem.write_to_path(path)
    return path


def tls(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate.configure_cert(context)
    return context


async def call(certificate: trustme.LeafCert, ca_file: Path | None, path: str = "/") -> Call:
    """To the name, at an address that nobody could have looked up."""
    outside = Outside(
        (range(1, 65_536),), timedelta(seconds=5), True, ca_file=ca_file, resolve=at_home
    )
    async with listening(tls(certificate)) as receiver:
        url = receiver.url.replace("127.0.0.1", NAME)
        said = await Poster(outside, FixedClock(), user_agent="Test").post(url + path, {}, b"{}")
        assert len(receiver.received) == said.delivered
    return said


async def test_an_authority_of_ones_own_is_believed(ca_file: Path) -> None:
    assert (await call(OURS.issue_cert(NAME), ca_file)).delivered


async def test_without_the_setting_it_is_not_and_the_setting_is_named() -> None:
    said = await call(OURS.issue_cert(NAME), None)
    assert said.error_code == "certificate_refused"
    assert said.error
    assert "nobody who is trusted has signed it" in said.error
    assert "DARKROOM_WEBHOOK_CA_FILE" in said.error


@pytest.mark.parametrize(
    ("certificate", "why"),
    [
        (OURS.issue_cert("others.internal"), "another name"),
        (OURS.issue_cert("127.0.0.1"), "another name"),
        (OURS.issue_cert(NAME, not_after=NOW - timedelta(days=1)), "expired"),
        (OURS.issue_cert(NAME, not_before=NOW + timedelta(days=1)), "not valid yet"),
        (OTHERS.issue_cert(NAME), "nobody who is trusted"),
    ],
    ids=["other name", "address", "expired", "not yet", "other authority"],
)
async def test_a_certificate_that_does_not_fit_is_refused_and_why_is_said(
    ca_file: Path, certificate: trustme.LeafCert, why: str
) -> None:
    said = await call(certificate, ca_file)
    assert (said.error_code, said.status) == ("certificate_refused", None)
    assert said.error
    assert why in said.error
    assert NAME in said.error


async def test_a_certificate_that_signs_itself_is_refused(ca_file: Path, tmp_path: Path) -> None:
    chain = tmp_path / "self.pem"
    OTHERS.private_key_pem.write_to_path(chain)
    OTHERS.cert_pem.write_to_path(chain, append=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(chain)
    outside = Outside((range(1, 65_536),), timedelta(seconds=5), True, ca_file=ca_file)
    async with listening(context) as receiver:
        said = await Poster(outside, FixedClock(), user_agent="Test").post(receiver.url, {}, b"")
    assert said.error_code == "certificate_refused"
    assert said.error
    assert "self-signed" in said.error


def test_a_file_without_certificates_is_refused_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("nothing")
    for path in ("empty.pem", "missing.pem"):
        told: dict[str, Any] = {
            "database_url": "postgresql://d",
            "rabbitmq_url": "amqp://b",
            "webhook_ca_file": tmp_path / path,
        }
        with pytest.raises(ValidationError, match="there are no certificates"):
            NotifierSettings(**told)
