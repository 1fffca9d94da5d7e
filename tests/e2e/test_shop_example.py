"""The example project's own tests, run as its developers run them.

They have Darkroom as an installed package, and nothing else of this checkout.
"""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BUILD = "import sys; from hatchling.build import build_wheel; build_wheel(sys.argv[1])"
WHERE = "import deploy.testing, shared; print(deploy.testing.__file__, shared.__file__)"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project, far from the checkout."""
    return Path(
        shutil.copytree(ROOT / "examples/shop", tmp_path_factory.mktemp("project") / "shop")
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Darkroom as an installer leaves it: the wheel, unpacked where Python looks first."""
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-c", BUILD, str(folder)], cwd=ROOT, check=True)
    [wheel] = folder.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "site")
    return folder / "site"


def run(project: Path, site: Path, *arguments: str) -> str:
    """What a Python in the project's folder says; an error where it fails."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=project,
        env={**environment, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_its_tests_pass_in_memory_and_on_real_servers(project: Path, site: Path) -> None:
    where = run(project, site, "-c", WHERE).split()
    said = run(project, site, "-m", "pytest", "-q", "--strict-markers")

    assert all(Path(file).is_relative_to(site) for file in where)
    assert "9 passed" in said
