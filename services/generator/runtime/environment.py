"""The environment of a child: no passwords, one thread a library, the worker's import path."""

import os
import sys
from collections.abc import Collection, Mapping
from pathlib import Path

_KEPT = frozenset(
    {
        "DARKROOM_FONTS_FOLDER",
        "FONTCONFIG_FILE",
        "FONTCONFIG_PATH",
        "HOME",
        "LANG",
        "LANGUAGE",
        "PATH",
        "TZ",
    }
)
_KEPT_PREFIXES = ("LC_", "XDG_", "COV", "PYTHONHASHSEED", "PYTHONDONTWRITEBYTECODE")
_ONE_THREAD = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "RAYON_NUM_THREADS",
)


def child_environment(worker: Mapping[str, str], asked: Collection[str] = ()) -> dict[str, str]:
    """What a child is given of its worker's environment; `asked` is what its generator names.

    Database and broker URLs and the keys of providers are not in it. As many children run at once
    as there are processors, so the libraries in them get one thread each.
    """
    kept = {
        name: value
        for name, value in worker.items()
        if name in _KEPT or name in asked or name.startswith(_KEPT_PREFIXES)
    }
    kept |= dict.fromkeys(_ONE_THREAD, "1")
    kept["PYTHONPATH"] = os.pathsep.join(path or str(Path.cwd()) for path in sys.path)
    kept["PYTHONUNBUFFERED"] = "1"
    return kept
