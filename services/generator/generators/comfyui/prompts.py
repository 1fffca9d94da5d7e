"""What a ComfyUI server says of an order. Source: the routes of ComfyUI's server.py."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from services.generator.generators.remote.errors import AnswerLostError
from services.generator.generators.remote.failures import clipped

MARK = "darkroom_job"
"""In the order's extra data: servers that choose ids themselves still know whose it is."""


class Finished:
    """An entry of the history."""

    def __init__(self, entry: Mapping[str, Any]) -> None:
        status = _mapping(entry.get("status"))
        self._outputs = _mapping(entry.get("outputs"))
        self.failed = status.get("status_str") == "error"
        self._messages = [
            (str(message[0]), _mapping(message[1]))
            for message in _list(status.get("messages"))
            if isinstance(message, list) and len(message) == 2
        ]

    @property
    def seconds(self) -> float:
        """That the server worked on it."""
        told = [data.get("timestamp") for _, data in self._messages]
        stamps = [one for one in told if isinstance(one, int)]
        return (max(stamps) - min(stamps)) / 1000 if stamps else 0.0

    @property
    def reason(self) -> str:
        """Why it failed."""
        for kind, data in self._messages:
            if kind == "execution_error":
                return clipped(f"{data.get('node_type')}: {data.get('exception_message')}")
            if kind == "execution_interrupted":
                return "it was interrupted there"
        return "it does not say why"

    def queries(self, nodes: list[str]) -> list[str]:
        """Of /view, for each file of these nodes (or of all), once; previews only if asked for."""
        found = [
            urlencode({key: str(file.get(key, "")) for key in ("filename", "subfolder", "type")})
            for file in self._files(nodes)
            if nodes or file.get("type", "output") == "output"
        ]
        return list(dict.fromkeys(found))

    def _files(self, nodes: list[str]) -> Iterator[Mapping[str, Any]]:
        for node in nodes or sorted(self._outputs, key=lambda key: (len(key), key)):
            for files in _mapping(self._outputs.get(node)).values():
                found = (_mapping(one) for one in _list(files))
                yield from (one for one in found if "filename" in one)


class Queue:
    """What runs, and what waits, in order."""

    def __init__(self, answer: Any) -> None:
        if not isinstance(answer, dict):
            raise AnswerLostError("The provider's queue is none.")
        self.running = [_Entry(one) for one in _list(answer.get("queue_running"))]
        pending = [_Entry(one) for one in _list(answer.get("queue_pending"))]
        self.pending = sorted(pending, key=lambda entry: entry.number)

    def position(self, prompt_id: str) -> int | None:
        """How many are before it; 0: it runs; None: it is not here."""
        ids = [entry.id for entry in (*self.running, *self.pending)]
        if any(entry.id == prompt_id for entry in self.running):
            return 0
        return ids.index(prompt_id) if prompt_id in ids else None

    def of_job(self, job_id: str) -> str | None:
        """The id of the order of this job of ours."""
        entries = (*self.running, *self.pending)
        return next((one.id for one in entries if job_id in {one.id, one.mark}), None)


def of_job_in_history(answer: Any, job_id: str) -> str | None:
    """The same among what is done."""
    if not isinstance(answer, dict):
        raise AnswerLostError("The provider's history is none.")
    for name, entry in answer.items():
        known = _Entry(_mapping(entry).get("prompt"))
        if job_id in {name, known.mark}:
            return str(name)
    return None


class _Entry:
    """[number, prompt id, workflow, extra data, …]"""

    def __init__(self, entry: Any) -> None:
        parts = [*_list(entry), *[None] * 4]
        self.number = parts[0] if isinstance(parts[0], (int, float)) else 0
        self.id = str(parts[1])
        self.mark = _mapping(parts[3]).get(MARK)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
