"""Providers that are not there: real HTTP servers that speak what the real ones document.

Each keeps count of what it was asked for and what that costs, and can be told to misbehave at any
of its doors (`faults`).
"""

from tests.simulators.comfyui import ComfyUiSimulator
from tests.simulators.openai import OpenAiSimulator
from tests.simulators.replicate import ReplicateSimulator

__all__ = ["ComfyUiSimulator", "OpenAiSimulator", "ReplicateSimulator"]
