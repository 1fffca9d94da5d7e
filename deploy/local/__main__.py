"""`python -m deploy.local …`: what the Makefile calls."""

import argparse
import sys
from collections.abc import Callable

from deploy.local.clean import clean
from deploy.local.demo import demo
from deploy.local.doctor import report
from deploy.local.errors import LocalStackError
from deploy.local.first_card import run
from deploy.local.settings import LocalSettings, local_settings
from deploy.local.stack import down, up


def main() -> int:
    commands: dict[str, Callable[[LocalSettings], int]] = {
        "run": run,
        "demo": demo,
        "up": _up,
        "down": _down,
        "doctor": report,
        "clean": clean,
    }
    parser = argparse.ArgumentParser(prog="python -m deploy.local", description=__doc__)
    parser.add_argument("command", choices=commands)
    try:
        return commands[parser.parse_args().command](local_settings())
    except LocalStackError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _up(settings: LocalSettings) -> int:
    up(settings.home, detach=True)
    return 0


def _down(settings: LocalSettings) -> int:
    print("stopped" if down(settings.home) else "nothing was running")
    return 0


if __name__ == "__main__":
    sys.exit(main())
