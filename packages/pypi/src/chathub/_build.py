"""What the plugins of all generators do after a build: inject, then verify. The generator's part is to say where, and how to fail."""

import os
import signal
import subprocess
from typing import Any, Callable, List, Mapping, NamedTuple, Optional, Sequence

from ._find import BinaryNotFound, find_binary

ALWAYS = "always"


class Failure(Exception):
    """The site must not be published. The message has all that the program has written."""


class Options(NamedTuple):
    """What every plugin can be told. All else is in chathub.toml."""

    # A configuration file, from the folder of the generator's; unset: the nearest chathub.toml upwards from there.
    config: Optional[str] = None
    # Arguments for both commands.
    args: Sequence[str] = ()
    # Whether verify follows inject.
    verify: bool = True
    # False: nothing is done. "always": in the generator's development server, too.
    enabled: object = True


def options(given: Mapping[str, Any], prefix: str = "") -> Options:
    """The options as a generator hands them over, whose names begin with ``prefix`` there."""

    def expected(name: str, right: bool, what: str) -> None:
        if not right:
            raise Failure(f"`{prefix}{name}` must be {what}, not {given[name]!r}")

    for name, value in given.items():
        if name == "config":
            expected(name, value is None or isinstance(value, str), "the path of a file")
        elif name == "args":
            words = isinstance(value, (list, tuple)) and all(isinstance(word, str) for word in value)
            expected(name, words, "a list of strings, one for each argument")
        elif name == "verify":
            expected(name, isinstance(value, bool), "a boolean")
        elif name == "enabled":
            expected(name, isinstance(value, bool) or value == ALWAYS, f'a boolean or "{ALWAYS}"')
        else:
            raise Failure(f"unknown option `{prefix}{name}`; expected one of {', '.join(Options._fields)}")
    return Options(**given)


def wanted(chosen: Options, serving: bool = False) -> bool:
    """Whether there is anything to do in this build."""
    return chosen.enabled == ALWAYS or (chosen.enabled is True and not serving)


def process(site: str, folder: str, chosen: Options, log: Callable[[str], object]) -> None:
    """Inject into the site, and verify it. Both run in ``folder``, from which relative paths are meant."""
    try:
        binary = find_binary()
    except BinaryNotFound as error:
        raise Failure(str(error)) from None
    for command in ["inject", "verify"] if chosen.verify else ["inject"]:
        log(_run([binary, command, *_arguments(chosen), os.path.abspath(site)], folder))


def _arguments(chosen: Options) -> List[str]:
    config = ["--config", chosen.config] if chosen.config else []
    return [*config, *chosen.args]


def _run(command: List[str], folder: str) -> str:
    """What the program has written."""
    name = f"chathub {command[1]}"
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            # One after the other, as on a terminal.
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
    except OSError as error:
        raise Failure(f"{name} cannot be run: {command[0]}: {error.strerror}") from None
    told = name if done.returncode == 0 else f"{name} {_end(done.returncode)}"
    told = f"{told}\n{done.stdout}".strip("\n")
    if done.returncode != 0:
        raise Failure(told)
    return told


def _end(code: int) -> str:
    if code > 0:
        return f"failed with exit code {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"
