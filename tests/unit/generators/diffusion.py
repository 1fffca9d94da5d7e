"""A whole diffusion pipeline of a few thousand random weights, quick to build and to run."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

TORCH = all(find_spec(name) is not None for name in ("torch", "diffusers", "transformers"))


def tiny_pipeline(folder: Path) -> None:
    """Write it into `folder`, the same every time."""
    if not TORCH:
        return
    import torch
    from diffusers import DDIMScheduler, StableDiffusionPipeline

    torch.manual_seed(0)
    pipeline = StableDiffusionPipeline(
        vae=_vae(),
        unet=_unet(),
        scheduler=DDIMScheduler(clip_sample=False, steps_offset=1),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
        **_text(),
    )
    pipeline.save_pretrained(folder, safe_serialization=True)


def _unet() -> Any:
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel(
        block_out_channels=(8, 16),
        layers_per_block=1,
        sample_size=8,
        in_channels=4,
        out_channels=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=16,
        norm_num_groups=4,
        attention_head_dim=4,
    )


def _vae() -> Any:
    from diffusers import AutoencoderKL

    return AutoencoderKL(
        block_out_channels=(8, 8, 8, 8),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        latent_channels=4,
        norm_num_groups=4,
    )


def _text() -> dict[str, Any]:
    """A tokenizer that knows the letters, and an encoder for them."""
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

    letters = [chr(code) for code in range(ord("a"), ord("z") + 1)]
    tokens = [
        *letters,
        *(f"{letter}</w>" for letter in letters),
        "<|startoftext|>",
        "<|endoftext|>",
    ]
    begin, end = len(tokens) - 2, len(tokens) - 1
    config = CLIPTextConfig(
        vocab_size=len(tokens),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=77,
        bos_token_id=begin,
        eos_token_id=end,
        pad_token_id=end,
    )
    vocabulary = {token: number for number, token in enumerate(tokens)}
    return {
        "text_encoder": CLIPTextModel(config),
        "tokenizer": CLIPTokenizer(vocabulary, [], model_max_length=77),
    }
