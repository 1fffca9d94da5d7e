"""`python -m services.api serve | migrate [--check]`."""

import sys

from services.api.app import ApiApp
from services.api.models import ApiTable
from services.api.settings import ApiSettings
from shared.service import service_main

if __name__ == "__main__":
    sys.exit(service_main("api", ApiSettings, ApiApp, ApiTable.metadata))
