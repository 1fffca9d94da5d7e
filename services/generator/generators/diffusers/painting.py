"""A loaded pipeline, and one picture of it, step by step.

Source: diffusers, "Pipeline callbacks" (`callback_on_step_end`, `_interrupt`).
"""

from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import torch
from diffusers import AutoPipelineForText2Image
from diffusers.utils import logging
from PIL.Image import Image

from services.generator.generators.diffusers.inputs import DiffusersInput
from services.generator.generators.diffusers.models import weight_hashes
from shared.errors import PermanentError

OnStep = Callable[[int], None]


class ModelUnusableError(PermanentError):
    """The model cannot be loaded."""

    code = "model_unusable"
    title = "Model unusable"


class Painter:
    """One model on one device. Raises `ModelUnusableError` when it cannot be loaded."""

    def __init__(self, folder: Path, device: str | None) -> None:
        logging.disable_progress_bar()
        self.device = device or _best_device()
        self.name = folder.name
        exact = self.device == "cpu"
        try:
            self._pipeline: Any = AutoPipelineForText2Image.from_pretrained(
                folder,
                local_files_only=True,
                use_safetensors=True,
                torch_dtype=torch.float32 if exact else torch.float16,
            ).to(self.device)
        except (OSError, ValueError, RuntimeError, ImportError) as error:
            raise ModelUnusableError(f"model {folder.name}: {error}") from error
        self._pipeline.set_progress_bar_config(disable=True)
        self.hashes = weight_hashes(folder)

    def paint(self, asked: DiffusersInput, seed: int, on_step: OnStep, stop: Event) -> list[Image]:
        """The pictures; fewer steps of them once `stop` is set.

        `on_step` is called after each step, with how many are done.
        """

        def after_step(pipeline: Any, step: int, _time: Any, kept: dict[str, Any]) -> Any:
            on_step(step + 1)
            pipeline._interrupt = stop.is_set()
            return kept

        told: dict[str, Any] = {
            "prompt": asked.prompt,
            "width": asked.width,
            "height": asked.height,
            "num_inference_steps": asked.steps,
            "guidance_scale": asked.guidance,
            "num_images_per_prompt": asked.images,
            "generator": torch.Generator().manual_seed(seed),
            "callback_on_step_end": after_step,
        }
        if asked.negative_prompt:
            told["negative_prompt"] = asked.negative_prompt
        with torch.inference_mode():
            pictures: list[Image] = self._pipeline(**told).images
        return pictures


def _best_device() -> str:
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"
