"""However the wheel is installed, `python -m chathub` and `chathub.find_binary()` find the program."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import BINARY, OFFLINE, UV, WHEELS, Venv, attempt, run

FIND = "import chathub; print(chathub.find_binary())"


@pytest.fixture(scope="module")
def venv(tmp_path_factory):
    return Venv(tmp_path_factory.mktemp("venv") / "v").install_chathub()


def is_the_binary(path):
    return hashlib.sha256(Path(path).read_bytes()).digest() == hashlib.sha256(BINARY.read_bytes()).digest()


def found(python, **variables):
    path = Path(run(python, "-c", FIND, **variables).strip())
    assert is_the_binary(path)
    return path


def site_packages(folder):
    """The folder for packages below it, by whatever scheme."""
    (package,) = Path(folder).rglob("chathub/__main__.py")
    return package.parents[1]


def test_pip_in_a_venv(venv, version):
    assert venv.run("chathub", "--version") == f"chathub {version}\n"
    assert venv.run("python", "-m", "chathub", "--version") == f"chathub {version}\n"
    assert found(venv.python) == venv.bin / "chathub"
    run_it = 'import chathub; print(chathub.run(["--version"], check=True, capture_output=True, text=True).stdout, end="")'
    assert venv.run("python", "-c", run_it) == f"chathub {version}\n"


def test_the_command_is_the_program_itself(venv):
    """No Python stands between."""
    assert is_the_binary(venv.bin / "chathub")


def test_exit_codes_are_those_of_the_program(venv, tmp_path):
    assert venv.attempt("python", "-m", "chathub", "inject", "--no-such-flag", cwd=tmp_path).returncode == 2


def test_pip_into_a_folder(venv, version, tmp_path):
    """As for functions in a cloud, and for layers of images."""
    run(venv.python, "-m", "pip", "install", "--quiet", *OFFLINE, "--target", tmp_path / "lib", "chathub")
    plain = Venv(tmp_path / "plain").python
    assert run(plain, "-m", "chathub", "--version", PYTHONPATH=tmp_path / "lib") == f"chathub {version}\n"
    assert found(plain, PYTHONPATH=tmp_path / "lib") == tmp_path / "lib/bin/chathub"


def test_pip_into_a_folder_that_has_programs(venv, tmp_path):
    """There, pip leaves out the program, and so says what to do."""
    (tmp_path / "lib/bin").mkdir(parents=True)
    run(venv.python, "-m", "pip", "install", "--quiet", *OFFLINE, "--target", tmp_path / "lib", "chathub")
    done = attempt(Venv(tmp_path / "plain").python, "-m", "chathub", "--version", PYTHONPATH=tmp_path / "lib")
    assert done.returncode == 127
    assert f"  {tmp_path}/lib/bin/chathub\n" in done.stdout
    assert "install all packages by one command" in done.stdout


def test_chathub_binary_comes_first(venv, version, tmp_path):
    other = tmp_path / "other"
    other.write_text("#!/bin/sh\necho other $@\n")
    named = {"CHATHUB_BINARY": other}
    done = venv.attempt("python", "-m", "chathub", "inject", **named)
    assert (done.returncode, done.stdout) == (127, f"error: {other} may not be executed\nhelp: run `chmod +x {other}`, or install the package again\n")
    other.chmod(0o755)
    assert venv.run("python", "-m", "chathub", "inject", **named) == "other inject\n"
    # As it was meant where it was said, wherever the program is run.
    elsewhere = "import chathub; print(chathub.run(['x'], cwd='/', capture_output=True, text=True).stdout, end='')"
    assert venv.run("python", "-c", elsewhere, cwd=tmp_path, CHATHUB_BINARY="./other") == "other x\n"
    # Nothing is not a name.
    assert venv.run("python", "-m", "chathub", "--version", CHATHUB_BINARY="") == f"chathub {version}\n"
    other.unlink()
    done = venv.attempt("python", "-m", "chathub", "inject", **named)
    assert done.returncode == 127
    assert done.stdout.startswith(f"error: CHATHUB_BINARY names {other}, which is not a file\nhelp: ")


def test_what_is_missing_is_named_with_what_to_do(tmp_path, venv):
    broken = tmp_path / "v"
    shutil.copytree(venv.path, broken, symlinks=True)
    # As a venv that was copied says where it was, the program is looked for beside the package.
    program = broken / "bin/chathub"
    program.chmod(0o644)
    python = broken / "bin/python"
    done = attempt(python, "-m", "chathub")
    assert (done.returncode, f"error: {program} may not be executed\n" in done.stdout) == (127, True)
    program.unlink()
    done = attempt(python, "-m", "chathub")
    assert done.returncode == 127
    assert done.stdout.startswith("error: the program `chathub` is missing from the installed package; it was looked for at\n")
    assert f"  {program}\n" in done.stdout
    assert "python -m pip install --force-reinstall --no-deps chathub" in done.stdout
    assert "CHATHUB_BINARY" in done.stdout
    assert "Traceback" not in done.stdout


def test_a_program_for_another_system_is_named(tmp_path, venv):
    """As in an environment that was copied into a container."""
    other = tmp_path / "other"
    other.write_bytes(b"\x7fELF of something else")
    other.chmod(0o755)
    done = venv.attempt("python", "-m", "chathub", CHATHUB_BINARY=other)
    assert done.returncode == 126
    assert done.stdout.startswith(f"error: {other} cannot be run: ")
    assert "\nhelp: install the package on the system that runs it" in done.stdout


@pytest.mark.slow
def test_pip_with_a_prefix(venv, tmp_path):
    run(venv.python, "-m", "pip", "install", "--quiet", *OFFLINE, "--prefix", tmp_path / "p", "--ignore-installed", "chathub")
    plain = Venv(tmp_path / "plain").python
    assert found(plain, PYTHONPATH=site_packages(tmp_path / "p")).is_relative_to(tmp_path / "p")


@pytest.mark.slow
def test_pip_for_the_user(tmp_path):
    """Outside of any environment, where Debian's pip asks whether one is sure."""
    python = sys._base_executable
    where = {"PYTHONUSERBASE": tmp_path / "home"}
    command = [python, "-m", "pip", "install", "--quiet", "--user", *OFFLINE, "chathub"]
    run(*command, PIP_BREAK_SYSTEM_PACKAGES="1", PIP_ROOT_USER_ACTION="ignore", **where)
    assert found(python, **where) == tmp_path / "home/bin/chathub"


@pytest.mark.slow
def test_without_what_the_installer_has_written(tmp_path):
    """As it is where a distribution repackages the wheel."""
    venv = Venv(tmp_path / "v").install_chathub()
    (record,) = venv.path.rglob("chathub-*.dist-info/RECORD")
    shutil.rmtree(record.parent)
    assert found(venv.python) == venv.bin / "chathub"


@pytest.mark.slow
def test_uv(version, tmp_path):
    venv = Venv(tmp_path / "v")
    run(UV, "pip", "install", "--quiet", *OFFLINE, "--python", venv.python, "chathub")
    assert found(venv.python) == venv.bin / "chathub"
    run(UV, "pip", "install", "--quiet", *OFFLINE, "--target", tmp_path / "lib", "chathub")
    assert found(Venv(tmp_path / "plain").python, PYTHONPATH=tmp_path / "lib") == tmp_path / "lib/bin/chathub"
    tools = {"UV_TOOL_DIR": tmp_path / "tools", "UV_TOOL_BIN_DIR": tmp_path / "bin"}
    python = ["--python", sys.executable]
    run(UV, "tool", "install", "--quiet", *OFFLINE, *python, "chathub", **tools)
    assert run(tmp_path / "bin/chathub", "--version") == f"chathub {version}\n"
    assert run(UV, "tool", "run", "--quiet", *OFFLINE, *python, "chathub", "--version", **tools) == f"chathub {version}\n"


@pytest.mark.slow
def test_pipx(version, tmp_path):
    pipx = os.path.join(os.path.dirname(sys.executable), "pipx")
    homes = {"PIPX_HOME": tmp_path / "home", "PIPX_BIN_DIR": tmp_path / "bin", "PIPX_MAN_DIR": tmp_path / "man", "PIPX_DEFAULT_BACKEND": "pip"}
    # It also installs a pip of its own, from the registry that this machine is set up for.
    homes.update({name: value for name, value in os.environ.items() if name.startswith("PIP_")})
    (wheel,) = WHEELS.iterdir()
    run(pipx, "install", "--python", sys.executable, wheel, **homes)
    assert run(tmp_path / "bin/chathub", "--version") == f"chathub {version}\n"


@pytest.mark.slow
def test_a_registry(version, tmp_path):
    """Uploaded as a release is, and installed by its name."""
    tools = os.path.dirname(sys.executable)
    store = tmp_path / "store"
    store.mkdir()
    server = subprocess.Popen(
        [f"{tools}/python", Path(__file__).with_name("registry.py"), store], stdout=subprocess.PIPE, text=True
    )
    try:
        url = f"http://127.0.0.1:{server.stdout.readline().strip()}"
        (wheel,) = WHEELS.iterdir()
        upload = [f"{tools}/twine", "upload", "--non-interactive", "--repository-url", url, "-u", "x", "-p", "x"]
        run(*upload, wheel)
        venv = Venv(tmp_path / "v").install("pip")
        run(venv.python, "-m", "pip", "install", "--quiet", "--index-url", f"{url}/simple/", f"chathub=={version}")
        assert venv.run("chathub", "--version") == f"chathub {version}\n"
        # What is published stays as it is.
        assert attempt(*upload, wheel).returncode != 0
    finally:
        server.kill()
        server.wait()
