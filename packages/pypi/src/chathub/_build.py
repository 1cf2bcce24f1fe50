"""What the plugins of all generators do after a build: inject, then verify. The generator's part is to say where, and how to fail."""

import os
import signal
import subprocess
from typing import Any, Callable, List, Mapping, NamedTuple, Sequence, Union

from ._find import BinaryNotFound, find_binary

ALWAYS = "always"


class Failure(Exception):
    """The site must not be published. The message has all that the program has written."""


class Options(NamedTuple):
    """What every plugin can be told. All else is in chathub.toml."""

    # A configuration file or several, from the folder of the generator's; unset: the nearest chathub.toml upwards from there.
    config: Union[None, str, Sequence[str]] = None
    # More arguments of inject.
    args: Sequence[str] = ()
    # Whether verify follows inject; a list: with these arguments.
    verify: Union[bool, Sequence[str]] = True
    # False: nothing is done. "always": in the generator's development server, too.
    enabled: object = True


def options(given: Mapping[str, Any], prefix: str = "") -> Options:
    """The options as a generator hands them over, whose names begin with ``prefix`` there."""

    def expected(name: str, right: bool, what: str) -> None:
        if not right:
            raise Failure(f"`{prefix}{name}` must be {what}, not {given[name]!r}")

    for name, value in given.items():
        if name == "config":
            expected(name, value is None or isinstance(value, str) or _is_list(value), "a path or a list of paths")
        elif name == "args":
            expected(name, _is_list(value), "a list of strings, one for each argument")
        elif name == "verify":
            expected(name, isinstance(value, bool) or _is_list(value), "a boolean or a list of strings, one for each argument")
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
    steps = [["inject", *chosen.args]]
    if chosen.verify is not False:
        steps.append(["verify", *([] if chosen.verify is True else chosen.verify)])
    files = [chosen.config] if isinstance(chosen.config, str) else chosen.config or []
    config = [word for file in files for word in ("--config", file)]
    for step in steps:
        log(_run([binary, *step, *config, "--", os.path.abspath(site)], folder))


def _is_list(value: object) -> bool:
    return isinstance(value, (list, tuple)) and all(isinstance(word, str) for word in value)


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
