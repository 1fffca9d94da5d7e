"""`make run`: the stack, a first picture from it, and where to go from there."""

from datetime import timedelta
from urllib.parse import urlsplit

import httpx
from rich.console import Console

from deploy.local.media import make, wait_for_generator
from deploy.local.process import end_with_parent
from deploy.local.settings import LocalSettings
from deploy.local.stack import LocalStack, StackInfo, stay

NEW_KEY = "darkroom keys create --name shop --scopes media:read,media:write"
_WITHIN = timedelta(seconds=60)


def run(settings: LocalSettings) -> int:
    """Start, make a card, say where everything is, and stay until Ctrl-C."""
    end_with_parent()  # `make`, which may be killed
    console = Console(highlight=False)
    stack = LocalStack(settings.home)
    info = stack.start(say=lambda line: console.print(f"[dim]{line}[/]"))
    try:
        with httpx.Client(base_url=info.api, headers=info.api_headers, timeout=30) as client:
            card = wait_for_generator(client, "card", _WITHIN)
            made = make(client, card, settings.home / "out" / "first-card", within=_WITHIN)
        console.print(
            f"\n[bold green]Your first card[/] {made.path} ({made.seconds:.1f} s)\n", soft_wrap=True
        )
        _say_where(console, info)
        stay(stack)
    finally:
        stack.stop()
    return 0


def _say_where(console: Console, info: StackInfo) -> None:
    console.print(f"  API           {info.api}")
    console.print(f"  its docs      {info.api}/docs")
    if info.management:
        address = urlsplit(info.management)
        console.print(
            f"  RabbitMQ      http://{address.hostname}:{address.port}"
            f"   user {address.username}, password {address.password}",
            soft_wrap=True,
        )
    if info.api_key:
        console.print("  keys          darkroom asks with the operator's; for others:")
        console.print(f"                .venv/bin/{NEW_KEY}", soft_wrap=True)
    console.print("\n  .venv/bin/darkroom make card title=Hello -o hello.png   makes another one")
    console.print("  Ctrl-C                                                  stops everything\n")
