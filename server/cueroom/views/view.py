"""What a view is: what the pages and sockets know in, what a template reads out."""

from collections.abc import Mapping
from typing import Any

View = dict[str, Any]
"""What a template reads."""

Context = Mapping[str, Any]
"""What the pages and sockets know."""

State = Mapping[str, Any]
"""As `state.describe` spells it."""
