"""An S3 server in this process, which knows nothing of ours: moto's."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import httpx
from moto.server import ThreadedMotoServer

from shared.storage import AssetStore, from_url

_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "somebody",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_REGION": "us-east-1",
    "AWS_ALLOW_HTTP": "true",
}


@contextmanager
def an_s3_server() -> Iterator[str]:
    """Its address, while it runs."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    try:
        with patch.dict(os.environ, {**_ENVIRONMENT, "AWS_ENDPOINT_URL": address}):
            yield address
    finally:
        server.stop()


def a_bucket(address: str, name: str) -> AssetStore:
    """A new bucket on that server, opened the way a service opens its store."""
    httpx.put(f"{address}/{name}").raise_for_status()
    return from_url(f"s3://{name}/media")
