"""`python -m tests.integration.api.notifier_at_home`: a notifier for which every name is this
machine, so that nothing that is called in its tests is ever somebody else's.
"""

import sys
from typing import Any

from services.notifier.app import NotifierApp
from services.notifier.service.webhooks import outside
from services.notifier.settings import NotifierSettings
from shared.service import serve


def _here(_host: str, port: int, **_: Any) -> list[Any]:
    return [(0, 0, 0, "", ("127.0.0.1", port))]


if __name__ == "__main__":
    outside.getaddrinfo = _here  # type: ignore[assignment,attr-defined]
    settings = NotifierSettings()
    sys.exit(serve(lambda: NotifierApp(settings), settings))
