"""Passwords and cookies of one local stack: made once, kept in a file only its owner can read."""

import json
import os
import secrets
from pathlib import Path


class SecretFile:
    """A small JSON file of secrets by name; ``get`` invents what is not there yet."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def exists(self) -> bool:
        return self._path.exists()

    def get(self, name: str) -> str:
        """The secret of that name, always the same for this file."""
        known: dict[str, str] = json.loads(self._path.read_text()) if self._path.exists() else {}
        if name not in known:
            known[name] = secrets.token_hex(16)
            self._write(known)
        return known[name]

    def _write(self, known: dict[str, str]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self._path.with_suffix(".new")
        with os.fdopen(
            os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w"
        ) as file:
            json.dump(known, file, indent=1)
        temporary.replace(self._path)
