"""What the tests share: the wheel, as `cargo xtask pypi` has built it, and environments to install it in. scripts/test-pypi runs them."""

import base64
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
BINARY = Path(os.environ["CHATHUB"])
WHEELS = Path(os.environ["CHATHUB_WHEELS"])
UV = os.environ["UV"]
# From nothing but the folder of wheels.
OFFLINE = ["--no-index", "--find-links", str(WHEELS)]


def environment(**variables):
    """The environment of a person who has set nothing."""
    ours = ("CHATHUB", "PYTHON", "PIP_", "UV_", "VIRTUAL_ENV", "RUBY", "GEM_", "BUNDLE_")
    names = [name for name in os.environ if not name.startswith(ours) or name in ("PIP_CERT", "UV_CACHE_DIR")]
    base = {name: os.environ[name] for name in names}
    # MkDocs's themes have things to say about its future.
    base.update(DISABLE_MKDOCS_2_WARNING="true", NO_MKDOCS_2_WARNING="1", PYTHONDONTWRITEBYTECODE="1", LC_ALL="C.UTF-8")
    base.update({name: str(value) for name, value in variables.items()})
    return base


def attempt(*command, cwd=None, **variables):
    """Run a command; its output is both streams'."""
    return subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=environment(**variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )


def run(*command, cwd=None, **variables):
    """Run a command that succeeds."""
    done = attempt(*command, cwd=cwd, **variables)
    assert done.returncode == 0, done.stdout
    return done.stdout


class Venv:
    """A virtual environment, with pip."""

    def __init__(self, path):
        self.path = Path(path)
        self.bin = self.path / "bin"
        self.python = self.bin / "python"
        run(UV, "venv", "--quiet", "--no-config", "--python", sys.executable, self.path)

    def install(self, *what):
        """Install packages from the registry that this machine is set up for."""
        subprocess.run([UV, "pip", "install", "--quiet", "--python", self.python, *map(str, what)], check=True)
        return self

    def install_chathub(self):
        """Install the wheel as people do."""
        self.install("pip")
        run(self.python, "-m", "pip", "install", "--quiet", *OFFLINE, "chathub")
        return self

    def run(self, *command, **options):
        return run(self.bin / command[0], *command[1:], **self.activated(options))

    def attempt(self, *command, **options):
        return attempt(self.bin / command[0], *command[1:], **self.activated(options))

    def activated(self, options):
        return {"PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}", **options}


@pytest.fixture(scope="session")
def version():
    lines = (ROOT / "Cargo.toml").read_text().splitlines()
    return next(line.split('"')[1] for line in lines if line.startswith("version = "))


@pytest.fixture
def project(tmp_path):
    """Copies the source of a fixture's site, with the configuration that its owner would write."""

    def copy(name):
        folder = tmp_path / name
        shutil.copytree(ROOT / "fixtures" / name / "source", folder)
        shutil.copy(ROOT / "fixtures" / name / "chathub.toml", folder)
        return folder

    return copy


def code(name, language):
    """The blocks of one language on a generator's page of the documentation."""
    text = (ROOT / "docs/generators" / f"{name}.md").read_text()
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def build_line(name):
    """How the page says that a site with the plugin is built."""
    return next(line.split() for line in code(name, "sh")[0].splitlines() if not line.startswith("pip "))


def requirements(name):
    """What a fixture's generator is installed by."""
    return ["-r", ROOT / "fixtures" / name / "source" / "requirements.txt"]


def a_token():
    """What nobody should publish: it is put together here, so that no file looks as if it had one."""

    def part(text):
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    return ".".join([part('{"alg":"HS256","typ":"JWT"}'), part('{"exp":9999999999}'), "s" * 43])


def pages(site):
    """The pages of a site with a loader tag."""
    found = (path for path in Path(site).rglob("*.html") if "data-chathub" in path.read_text(errors="replace"))
    return sorted(str(path.relative_to(site)) for path in found)


def injected(site):
    """The pages that a second inject leaves alone, so that are right."""
    done = attempt(BINARY, "inject", "--check", "--quiet", site, cwd=Path(site).parent)
    assert done.returncode == 0, done.stdout
    found = pages(site)
    assert found
    return found
