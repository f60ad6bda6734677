"""Commands: what people may do to a show, one table for HTTP, the consoles' forms and anything to come."""

from cueroom.commands.deciding import decide
from cueroom.commands.papers import goes_live
from cueroom.commands.scene import Refused, Scene, Transition
from cueroom.commands.table import AnyCommand

__all__ = ["AnyCommand", "Refused", "Scene", "Transition", "decide", "goes_live"]
