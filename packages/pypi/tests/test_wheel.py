"""What is in the wheel."""

import csv
import hashlib
import os
import stat
import subprocess
import sys
import zipfile
from base64 import urlsafe_b64encode

import pytest
from conftest import BINARY, ROOT, WHEELS, attempt, run


@pytest.fixture(scope="module")
def wheel():
    (path,) = WHEELS.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        yield archive


def test_the_binary_is_the_one_that_was_given(wheel, version):
    name = f"chathub-{version}.data/scripts/chathub"
    assert hashlib.sha256(wheel.read(name)).digest() == hashlib.sha256(BINARY.read_bytes()).digest()
    assert wheel.getinfo(name).external_attr >> 16 == stat.S_IFREG | 0o755


def test_the_record_has_every_file_with_its_digest(wheel, version):
    name = f"chathub-{version}.dist-info/RECORD"
    rows = {row[0]: row[1:] for row in csv.reader(wheel.read(name).decode().splitlines())}
    assert sorted(rows) == sorted(wheel.namelist())
    for path, (digest, size) in rows.items():
        if path != name:
            data = wheel.read(path)
            assert digest == "sha256=" + urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
            assert size == str(len(data))


def test_the_metadata_is_that_of_cargo(wheel, version):
    folder = f"chathub-{version}.dist-info"
    metadata = wheel.read(f"{folder}/METADATA").decode()
    assert f"\nVersion: {version}\n" in metadata
    assert "\nLicense-Expression: MIT OR Apache-2.0\n" in metadata
    assert "Requires-Dist" not in metadata
    for name in ["LICENSE-MIT", "LICENSE-APACHE", "THIRD-PARTY-NOTICES"]:
        assert wheel.read(f"{folder}/licenses/{name}") == (ROOT / name).read_bytes()


def test_it_is_all_there_is(wheel, version):
    """Neither tests nor what Python has compiled."""
    names = {name for name in wheel.namelist() if not name.startswith(f"chathub-{version}.")}
    sources = (ROOT / "packages/pypi/src/chathub").iterdir()
    assert names == {f"chathub/{path.name}" for path in sources if path.is_file()}


def build(*arguments):
    subprocess.run(["cargo", "xtask", "pypi", *map(str, arguments)], cwd=ROOT, check=True)


def refused(*arguments):
    done = subprocess.run(
        ["cargo", "xtask", "pypi", *map(str, arguments)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert done.returncode != 0
    return done.stdout


@pytest.fixture
def static(tmp_path):
    return compiled(tmp_path, "-static")


def compiled(folder, *flags):
    source = folder / "main.c"
    source.write_text("int main(void) { return 0; }\n")
    program = folder / "a program"
    run("cc", *flags, "-o", program, source)
    return program


MACHINE = os.uname().machine
MUSL = f"{MACHINE}-unknown-linux-musl"


def built(program, out):
    build("--binary", f"{MUSL}={program}", "--out", out)
    (wheel,) = out.iterdir()
    return wheel


def tags(wheel):
    return wheel.name.split("-", 2)[2]


def test_a_static_binary_is_for_every_linux(tmp_path, static):
    """It needs no C library, so it runs with either of them."""
    both = f"manylinux2014_{MACHINE}.musllinux_1_1_{MACHINE}"
    first = built(static, tmp_path / "first")
    assert tags(first) == f"py3-none-{both}.whl"
    # The same bytes come out again, whatever the time and the mode are.
    static.chmod(0o644)
    os.utime(static, (0, 0))
    assert built(static, tmp_path / "second").read_bytes() == first.read_bytes()


def test_a_dynamic_binary_is_for_machines_as_this_one(tmp_path):
    """No registry takes such a wheel."""
    assert tags(built(compiled(tmp_path), tmp_path / "out")) == f"py3-none-linux_{MACHINE}.whl"


def test_a_binary_for_another_system_is_refused(tmp_path, static):
    """A wheel with the wrong binary would install without a word."""
    other = "aarch64" if MACHINE == "x86_64" else "x86_64"
    assert "but it runs on" in refused("--binary", f"{other}-unknown-linux-musl={static}", "--out", tmp_path)
    assert "but it runs on" in refused("--binary", f"{MACHINE}-pc-windows-msvc={static}", "--out", tmp_path)
    assert "but it is not a program" in refused("--binary", f"{MUSL}={tmp_path}/main.c", "--out", tmp_path)
    assert "there is no wheel" in refused("--binary", f"x86_64-unknown-freebsd={static}", "--out", tmp_path)
    assert "is not a file" in refused("--binary", f"{MUSL}={tmp_path}/none", "--out", tmp_path)
    assert "usage: cargo xtask pypi" in refused("--binary", f"{MUSL}={static}")


@pytest.mark.slow
def test_the_tools_of_the_registry_are_content(wheel):
    tools = os.path.dirname(sys.executable)
    run(f"{tools}/twine", "check", "--strict", wheel.filename)
    run(f"{tools}/check-wheel-contents", wheel.filename)
    if os.uname().sysname == "Linux":
        shown = attempt(f"{tools}/auditwheel", "show", wheel.filename)
        assert shown.returncode == 0, shown.stdout


@pytest.mark.slow
def test_every_python_that_it_names_can_read_it():
    run(f"{os.path.dirname(sys.executable)}/vermin", "--no-tips", "--eval-annotations", "-t=3.8-", ROOT / "packages/pypi/src")
