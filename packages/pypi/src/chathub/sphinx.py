"""The extension for Sphinx."""

from importlib import metadata
from typing import Any, Dict, Optional

from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.util import logging

from . import _build

log = logging.getLogger(__name__)

# Their pages are for readers of books or of help, not for the web.
OFFLINE = {"applehelp", "devhelp", "epub", "htmlhelp", "qthelp"}


def setup(app: Sphinx) -> Dict[str, Any]:
    for name, default in _build.Options()._asdict().items():
        # Pages are the same whatever the values are, so no value asks for another build (""). `_build` checks their types: Sphinx
        # would only warn.
        # A list, so that Sphinx takes one from the command line, too.
        app.add_config_value(f"chathub_{name}", list(default) if name == "args" else default, "", ())
    # After all that others do at the end.
    app.connect("build-finished", finish, priority=900)
    return {"version": metadata.version("chathub"), "parallel_read_safe": True, "parallel_write_safe": True}


def finish(app: Sphinx, exception: Optional[Exception]) -> None:
    if exception is not None or not is_for_the_web(app.builder):
        return
    try:
        given = {name: app.config[f"chathub_{name}"] for name in _build.Options._fields}
        chosen = _build.options(given, prefix="chathub_")
        if _build.wanted(chosen):
            _build.process(str(app.outdir), str(app.confdir), chosen, log.info)
    except _build.Failure as failure:
        # An exception would be taken for a bug of the extension, and cost the next build all that this one has read. With -W,
        # older versions of Sphinx make one of every error that is logged.
        app.statuscode = 1
        with logging.skip_warningiserror():
            log.error("%s", failure)


def is_for_the_web(builder: object) -> bool:
    if not isinstance(builder, StandaloneHTMLBuilder) or builder.name in OFFLINE:
        return False
    # Others write pages as JSON and the like.
    return builder.out_suffix == ".html"
