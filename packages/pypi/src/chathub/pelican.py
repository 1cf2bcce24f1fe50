"""The plugin for Pelican."""

import inspect
import os
import sys

from pelican import Pelican, autoreload, signals
from pelican.log import logging

from . import _build

log = logging.getLogger(__name__)


def register() -> None:
    signals.finalized.connect(finish)


def finish(pelican: Pelican) -> None:
    serving = is_autoreload()
    try:
        chosen = _build.options(pelican.settings.get("CHATHUB", {}))
        if _build.wanted(chosen, serving):
            _build.process(pelican.output_path, os.getcwd(), chosen, log.info)
    except _build.Failure as failure:
        if serving:
            # Pelican shows it, and waits for the next change.
            raise
        # Of any other exception Pelican makes a traceback, in lines so short that names of pages break.
        sys.exit(f"error: {failure}")


def is_autoreload() -> bool:
    """Whether Pelican builds again and again for its author, of which it tells plugins in no other way."""
    return any(frame.frame.f_code is autoreload.__code__ for frame in inspect.stack(context=0))
