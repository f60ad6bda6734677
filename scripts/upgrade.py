"""What `scripts/upgrade` does: writes the newest packages that pyproject.toml allows to constraints.txt."""

import json
import subprocess
from collections.abc import Sequence

from set_up import CONSTRAINTS, PYTHON, requirements

HEAD = """\
# The versions that Cueroom is tested with. scripts/upgrade writes this file; every set-up of a checkout installs them.
"""


def main() -> None:
    """Writes the file anew."""
    pins = newest([*requirements(), *requirements("dev")])
    CONSTRAINTS.write_text(HEAD + "".join(f"{pin}\n" for pin in pins), "utf-8")
    print(f"{len(pins)} packages in {CONSTRAINTS.name}; now run scripts/test")


def newest(wanted: Sequence[str]) -> list[str]:
    """What pip would install for these requirements where nothing is installed yet, as `name==version`."""
    look = ["install", "--dry-run", "--ignore-installed", "--disable-pip-version-check", "--quiet", "--report", "-"]
    answer = subprocess.run([PYTHON, "-m", "pip", *look, *wanted], stdout=subprocess.PIPE, check=True).stdout
    found = [package["metadata"] for package in json.loads(answer)["install"]]
    return sorted(f"{package['name'].lower().replace('_', '-')}=={package['version']}" for package in found)


if __name__ == "__main__":
    main()
