"""Finds and runs the program ``chathub``, which comes with this package."""

import subprocess
from typing import Any, Sequence

from ._find import BinaryNotFound, find_binary

__all__ = ["BinaryNotFound", "find_binary", "run"]


def run(args: Sequence[str], **options: Any) -> "subprocess.CompletedProcess[Any]":
    """Run ``chathub`` with these arguments, and wait for its end.

    ``options`` are those of ``subprocess.run``: ``chathub.run(["verify"], check=True)`` raises where a page is wrong.
    """
    return subprocess.run([find_binary(), *args], **options)
