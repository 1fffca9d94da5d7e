"""All simulators at once, to try providers without an account: `python -m tests.simulators`.

Prints the settings that lead there, and stays until Ctrl-C.
"""

import json
import shlex
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.simulators import ComfyUiSimulator, OpenAiSimulator, ReplicateSimulator
from tests.simulators.server import Simulator

TEMPLATES = Path(__file__).parents[2] / "examples" / "comfyui"
MODELS = [{"model": "acme/painter", "price_per_output": 0.01}]


def settings(openai: Simulator, replicate: Simulator, comfyui: Simulator) -> dict[str, str]:
    """What a worker is told to use them."""
    v1 = f"{openai.url}/v1"
    return {
        "DARKROOM_OPENAI_IMAGES_BACKENDS": _backend(v1, price_per_image=0.04),
        "DARKROOM_OPENAI_SPEECH_BACKENDS": _backend(v1, price_per_million_characters=15),
        "DARKROOM_REPLICATE_BACKENDS": _backend(replicate.url, models=MODELS),
        "DARKROOM_COMFYUI_BACKENDS": _backend(comfyui.url),
        "DARKROOM_COMFYUI_TEMPLATES": str(TEMPLATES),
    }


def main() -> None:
    """Run them."""
    openai, replicate, comfyui = OpenAiSimulator(), ReplicateSimulator(), ComfyUiSimulator()
    with openai, replicate, comfyui, suppress(KeyboardInterrupt):
        for name, value in settings(openai, replicate, comfyui).items():
            print(f"export {name}={shlex.quote(value)}", flush=True)
        signal.pause()


def _backend(url: str, **more: Any) -> str:
    return json.dumps([{"name": "simulator", "base_url": url, "api_key": Simulator.key, **more}])


if __name__ == "__main__":
    main()
