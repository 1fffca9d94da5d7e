"""What a generator needs of the machine: the usual answers to `Generator.unavailable`."""

import shutil
from importlib.util import find_spec


def lacks_packages(*modules: str, extra: str) -> str | None:
    """Which of these Python modules are missing, and the extra of `darkroom` that brings them."""
    missing = [module for module in modules if find_spec(module) is None]
    if not missing:
        return None
    return f"needs the Python package {', '.join(missing)}: install darkroom[{extra}]"


def lacks_program(program: str, *, package: str) -> str | None:
    """Whether a program is missing, and the Debian package that has it."""
    if shutil.which(program):
        return None
    return f"needs the program {program}: apt-get install {package}"
