"""Keeps what is shipped whole: no wheel or source archive without the browser scripts its screens need."""

import json
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class VendorHook(BuildHookInterface[Any]):
    """Fails the build where scripts are missing. An editable install finds them in the checkout, later too."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - the interface's
        web = Path(self.root, "web")
        names = json.loads((web / "vendor.json").read_text("utf-8")).values()
        missing = sorted(name for name in names if not (web / "static" / "vendor" / name).is_file())
        if missing and version != "editable":
            raise FileNotFoundError(
                f"web/static/vendor lacks {', '.join(missing)}: scripts/demo or scripts/test fetches them"
            )
