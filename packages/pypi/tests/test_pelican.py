"""A real site of Pelican, with the plugin of the installed wheel."""

import subprocess

import pytest
from conftest import Venv, a_token, build_line, code, environment, injected, pages, requirements

pytestmark = pytest.mark.slow

MISTAKE = f"Title: Mistake\nDate: 2024-01-02\nCategory: help\n\nThe token {a_token()}\n"


@pytest.fixture(scope="module")
def venv(tmp_path_factory):
    return Venv(tmp_path_factory.mktemp("pelican") / "v").install(*requirements("pelican")).install_chathub()


@pytest.fixture
def folder(project):
    folder = project("pelican")
    # As `pelican-quickstart` writes it.
    lines = ["import os, sys", "sys.path.append(os.curdir)", "from pelicanconf import *", *code("pelican", "python")]
    (folder / "publishconf.py").write_text("\n".join(lines))
    return folder


def test_every_page_is_injected_and_verified(venv, folder):
    output = venv.run(*build_line("pelican"), "--verbose", cwd=folder)
    assert "chathub verify" in output
    assert len(injected(folder / "output")) == 11


def test_a_wrong_page_fails_the_build_by_its_name(venv, folder):
    (folder / "content/mistake.md").write_text(MISTAKE)
    done = venv.attempt("pelican", "-s", "publishconf.py", cwd=folder)
    assert done.returncode == 1
    assert "error: chathub verify failed with exit code 1\n" in done.stdout
    assert "  mistake.html:" in done.stdout
    assert "Traceback" not in done.stdout


def test_options(venv, folder):
    def built(options):
        return venv.attempt("pelican", "-s", "publishconf.py", "--extra-settings", f"CHATHUB={options}", cwd=folder)

    assert built('{"enabled": false}').returncode == 0
    assert pages(folder / "output") == []
    (folder / "chathub.toml").rename(folder / "other.toml")
    done = built('{"config": "other.toml", "args": ["--asset-dir", "widgets"], "verify": false}')
    assert done.returncode == 0, done.stdout
    assert (folder / "output/widgets").is_dir()
    done = built('{"verfy": true}')
    assert done.returncode == 1
    assert "error: unknown option `verfy`; expected one of config, args, verify, enabled\n" in done.stdout


@pytest.mark.parametrize("asked", [False, True])
def test_a_build_after_each_change_is_left_alone(venv, folder, asked):
    if asked:
        with open(folder / "publishconf.py", "a") as file:
            file.write('CHATHUB = {"enabled": "always"}\n')
        # Its author sees the failure, and the next change is waited for.
        (folder / "content/mistake.md").write_text(MISTAKE)
    command = [venv.bin / "pelican", "--verbose", "--autoreload", "-s", "publishconf.py"]
    pipe = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "encoding": "utf-8"}
    until = "Caught exception" if asked else "Done: Processed"
    with subprocess.Popen(command, cwd=folder, env=environment(), stdin=subprocess.DEVNULL, **pipe) as server:
        lines = []
        for line in server.stdout:
            lines.append(line)
            if until in line:
                break
        server.terminate()
    assert until in lines[-1], "".join(lines)
    assert ("chathub" in "".join(lines)) is asked
    assert bool(pages(folder / "output")) is asked
