"""The plugin for Pelican."""

import inspect
import os

from pelican import Pelican, autoreload, signals
from pelican.log import logging

from . import _build

log = logging.getLogger(__name__)


def register() -> None:
    signals.finalized.connect(finish)


def finish(pelican: Pelican) -> None:
    chosen = _build.options(pelican.settings.get("CHATHUB", {}))
    if _build.wanted(chosen, serving=is_autoreload()):
        # A failure ends Pelican with its message and exit code 1.
        _build.process(pelican.output_path, os.getcwd(), chosen, log.info)


def is_autoreload() -> bool:
    """Whether Pelican builds again and again for its author, of which it tells plugins in no other way."""
    return any(frame.frame.f_code is autoreload.__code__ for frame in inspect.stack(context=0))
