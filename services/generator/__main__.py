"""`python -m services.generator serve | migrate [--check]`."""

import sys

from services.generator.app import GeneratorApp
from services.generator.models import GeneratorTable
from services.generator.settings import GeneratorSettings
from shared.service import service_main

if __name__ == "__main__":
    sys.exit(service_main("generator", GeneratorSettings, GeneratorApp, GeneratorTable.metadata))
