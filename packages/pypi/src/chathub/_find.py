"""Where the program is."""

import os
import sys
import sysconfig
from importlib import metadata
from typing import Iterator

NAME = "chathub.exe" if os.name == "nt" else "chathub"
# The folder that this package is in.
FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class BinaryNotFound(FileNotFoundError):
    """The program is not there, or cannot be executed."""


def find_binary() -> str:
    """Return the path of the program: the one that ``CHATHUB_BINARY`` names, else the one that was installed with this package."""
    chosen = os.environ.get("CHATHUB_BINARY")
    if chosen:
        path = os.path.abspath(chosen)
        if not os.path.isfile(path):
            raise BinaryNotFound(
                f"CHATHUB_BINARY names {path}, which is not a file\n"
                "help: set it to the path of the program, or unset it to use the one of the package"
            )
        return _executable(path)

    places = list(dict.fromkeys(_places()))
    for path in places:
        if os.path.isfile(path):
            return _executable(path)
    raise BinaryNotFound(
        f"the program `{NAME}` is missing from the installed package; it was looked for at\n"
        + "".join(f"  {path}\n" for path in places)
        + f"help: install it again with `{_python()} -m pip install --force-reinstall --no-deps chathub`; in a folder of `pip install --target`, "
        "install all packages by one command, since pip leaves programs out where `bin` is there already; or set CHATHUB_BINARY to the path of the program"
    )


def _places() -> Iterator[str]:
    # What the installer has written down, whatever scheme it installed by.
    for distribution in metadata.distributions(name="chathub", path=[FOLDER]):
        for file in distribution.files or ():
            if file.name == NAME:
                yield os.path.normpath(str(distribution.locate_file(file)))
    # `pip install --target` moves what it has installed, and writes down the place before.
    yield os.path.join(FOLDER, "bin", NAME)
    # Without what the installer has written: as other tools repackage wheels.
    yield os.path.join(sysconfig.get_path("scripts"), NAME)
    user = "nt_user" if os.name == "nt" else "posix_user"
    yield os.path.join(sysconfig.get_path("scripts", user), NAME)


def _executable(path: str) -> str:
    if not os.access(path, os.X_OK):
        raise BinaryNotFound(f"{path} may not be executed\nhelp: run `chmod +x {path}`, or install the package again")
    return path


def _python() -> str:
    return os.path.basename(sys.executable or "python")
