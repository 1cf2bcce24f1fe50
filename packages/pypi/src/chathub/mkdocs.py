"""The plugin for MkDocs, and for ProperDocs, which loads plugins of MkDocs."""

import os

from mkdocs.config import base
from mkdocs.config import config_options as types
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin, event_priority, get_plugin_logger

from . import _build

# Without the prefix: every message begins with the name.
log = get_plugin_logger("chathub").logger


class Config(base.Config):
    # MkDocs refuses others; what they must be, `_build` says.
    config = types.Optional(types.Type((str, list)))
    args = types.Type(list, default=[])
    verify = types.Type((bool, list), default=True)
    enabled = types.Type((bool, str), default=True)

    def validate(self):
        errors, warnings = super().validate()
        if not errors:
            try:
                _build.options(self)
            except _build.Failure as failure:
                errors.append(("chathub", types.ValidationError(str(failure))))
        return errors, warnings


class Plugin(BasePlugin[Config]):
    def __init__(self) -> None:
        self.serving = False
        self.builds = 0

    def on_startup(self, *, command: str, **_: object) -> None:
        self.serving = command == "serve"

    def on_pre_build(self, **_: object) -> None:
        self.builds += 1

    def on_build_error(self, **_: object) -> None:
        self.builds = 0

    # MkDocs has -100 for what comes last. At that, mkdocs-static-i18n builds the other languages, each as a build within the first:
    # only after the first is the site complete.
    @event_priority(-1000)
    def on_post_build(self, *, config: MkDocsConfig, **_: object) -> None:
        self.builds -= 1
        chosen = _build.options(self.config)
        if self.builds > 0 or not _build.wanted(chosen, self.serving):
            return
        folder = os.path.dirname(config.config_file_path) if config.config_file_path else os.getcwd()
        try:
            _build.process(config.site_dir, folder, chosen, log.info)
        except _build.Failure as failure:
            raise PluginError(str(failure)) from None
