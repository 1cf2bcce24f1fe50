"""``python -m chathub``: the program, in the place of Python where the system can do that."""

import os
import subprocess
import sys

from ._find import BinaryNotFound, find_binary


def main() -> None:
    try:
        binary = find_binary()
    except BinaryNotFound as error:
        # As a shell does when there is no such command.
        print(f"error: {error}", file=sys.stderr)
        sys.exit(127)
    command = [binary, *sys.argv[1:]]
    try:
        if os.name != "nt":
            os.execv(binary, command)
        # Windows has no exec. Ctrl-C reaches the program, too, which then ends by itself.
        with subprocess.Popen(command) as process:
            while True:
                try:
                    sys.exit(process.wait())
                except KeyboardInterrupt:
                    continue
    except OSError as error:
        print(
            f"error: {binary} cannot be run: {error.strerror}\n"
            "help: install the package on the system that runs it: each system and processor has a wheel of its own",
            file=sys.stderr,
        )
        sys.exit(126)


if __name__ == "__main__":
    main()
