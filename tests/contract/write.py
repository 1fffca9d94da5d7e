"""`python -m tests.contract.write [--check]`: write the snapshots, or say which are out of date."""

import sys

from tests.contract.examples import missing_examples
from tests.contract.snapshots import Snapshot, snapshots


def main(arguments: list[str]) -> int:
    """Answers the exit code: 1 when something was out of date and `--check` was given."""
    if arguments not in ([], ["--check"]):
        print(__doc__)
        return 2
    return _check() if arguments else _write()


def _write() -> int:
    for snapshot in _stale():
        snapshot.write()
        print(f"wrote {snapshot.name}")
    return 0


def _check() -> int:
    stale = _stale()
    for snapshot in stale:
        print(f"out of date: {snapshot.name}", file=sys.stderr)
    if stale:
        print("write them with `make contracts`, and review the difference", file=sys.stderr)
    return 1 if stale else 0


def _stale() -> list[Snapshot]:
    everything = (*snapshots(), *missing_examples())
    return [snapshot for snapshot in everything if not snapshot.is_current()]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
