"""What all plugins share: whatever ends the program fails the build."""

import pytest
from conftest import Venv, run

TRY = """
import sys
from chathub import _build
try:
    _build.process(sys.argv[1], ".", _build.options(eval(sys.argv[2])), print)
except _build.Failure as failure:
    print(f"failed: {failure}")
"""
CHECK = """
from chathub import _build
try:
    print(_build.options(%s, "chathub_"))
except _build.Failure as failure:
    print(f"failed: {failure}")
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    return Venv(tmp_path_factory.mktemp("build") / "v").install_chathub().python


@pytest.fixture
def tried(python, tmp_path):
    def attempt(text, head="#!/bin/sh", **given):
        program = tmp_path / "program"
        program.write_text(f"{head}\n{text}\n")
        program.chmod(0o755)
        return run(python, "-c", TRY, "site", repr(given), cwd=tmp_path, CHATHUB_BINARY=program)

    return attempt


def test_inject_then_verify(tried, tmp_path):
    """On the whole path of the site."""
    site = f"-- {tmp_path}/site"
    assert tried("echo got $@") == f"chathub inject\ngot inject {site}\nchathub verify\ngot verify {site}\n"
    assert tried("echo got $@", verify=False) == f"chathub inject\ngot inject {site}\n"
    output = tried("echo got $@", config=["a", "b"], args=["--prune"], verify=["--min-pages", "3"])
    config = f"--config a --config b {site}"
    assert output == f"chathub inject\ngot inject --prune {config}\nchathub verify\ngot verify --min-pages 3 {config}\n"
    assert f"got verify --config one {site}\n" in tried("echo got $@", config="one")


def test_an_exit_code(tried):
    assert tried("echo shown; echo on both >&2; exit 3") == "failed: chathub inject failed with exit code 3\nshown\non both\n"
    assert tried("test $1 = inject") == "chathub inject\nfailed: chathub verify failed with exit code 1\n"


def test_a_signal(tried):
    assert tried("echo the last words; kill -9 $$") == "failed: chathub inject was ended by SIGKILL\nthe last words\n"


def test_a_program_that_cannot_be_run(tried, tmp_path):
    assert tried("", head="#!/there/is/none").startswith(f"failed: chathub inject cannot be run: {tmp_path}/program: ")


def test_bytes_that_are_not_text(tried):
    assert "\N{REPLACEMENT CHARACTER}" in tried(r"printf '\377\n'; exit 1")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"args": "--quiet"}, "`chathub_args` must be a list of strings, one for each argument, not '--quiet'"),
        ({"args": [1]}, "`chathub_args` must be a list of strings, one for each argument, not [1]"),
        ({"config": 1}, "`chathub_config` must be a path or a list of paths, not 1"),
        ({"verify": "no"}, "`chathub_verify` must be a boolean or a list of strings, one for each argument, not 'no'"),
        ({"enabled": "never"}, "`chathub_enabled` must be a boolean or \"always\", not 'never'"),
        ({"verfy": True}, "unknown option `chathub_verfy`; expected one of config, args, verify, enabled"),
    ],
)
def test_a_wrong_option(python, given, message):
    assert run(python, "-c", CHECK % repr(given)) == f"failed: {message}\n"
