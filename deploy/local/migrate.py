"""`python -m deploy.local.migrate`: what the three services' `migrate` do, in one process.

Most of the time a migration takes is Python's loading of libraries, and the services' own command
loads the whole service: three at once would be half of a start. The databases come from the
environment, `DARKROOM_API_DATABASE_URL` and so on.
"""

import asyncio
import os
import sys

from deploy.local.settings import SERVICES
from shared.errors import DarkroomError
from shared.observability.logging import configure_logging
from shared.service.migrate import Migrations


async def migrate() -> None:
    """One service after the other; raises what the first one that fails raises."""
    for service in SERVICES:
        await Migrations(service, os.environ[f"DARKROOM_{service.upper()}_DATABASE_URL"]).upgrade()


def main() -> int:
    configure_logging("migrate", format="json", level="info")
    try:
        asyncio.run(migrate())
    except DarkroomError as error:
        print(error.detail, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
