"""The documentation page needs nothing from elsewhere."""

import re

import httpx


async def test_the_docs_page_loads_only_from_the_api_itself(client: httpx.AsyncClient) -> None:
    page = (await client.get("/docs")).text
    assets = re.findall(r'(?:src|href)="([^"]+)"', page)

    assert assets
    for address in assets:
        assert address.startswith("/"), address
        assert (await client.get(address)).status_code == 200
