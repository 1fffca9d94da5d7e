"""`python -m services.notifier serve | migrate [--check]`."""

import sys

from services.notifier.app import NotifierApp
from services.notifier.models import NotifierTable
from services.notifier.settings import NotifierSettings
from shared.service import service_main

if __name__ == "__main__":
    sys.exit(service_main("notifier", NotifierSettings, NotifierApp, NotifierTable.metadata))
