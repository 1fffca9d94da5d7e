"""What is asked of Replicate in these tests, and how its simulator is set up."""

from typing import Any

from tests.simulators import ReplicateSimulator

MODEL = {"model": "acme/painter", "price_per_second": 0.002, "longest_seconds": 100}
ASKED = {"model": "acme/painter", "prompt": "A lighthouse"}
ASSET = "01890a5d-ac96-774b-bcce-b302099a8057"


def a_backend(provider: ReplicateSimulator, **changes: Any) -> dict[str, Any]:
    return {
        "name": "replicate",
        "base_url": provider.url,
        "api_key": provider.key,
        "models": [MODEL],
        **changes,
    }
