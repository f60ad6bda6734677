"""Stock that goes on the shelf."""

from cueroom.commands.scene import Refused, Scene, Transition, over, unknown_sku
from cueroom.commands.table import Release
from cueroom.show.board import Phase


def release(command: Release, scene: Scene) -> Transition | Refused:
    """Puts units on the shelf, out of the reserve."""
    item = scene.rundown.item(command.sku)
    if item is None:
        return unknown_sku(command.sku)
    if scene.board.phase is Phase.ENDED:
        return over()
    entry = {"type": "stock.released", "time": scene.at, "sku": command.sku, "n": command.units, "source": "console"}
    return Transition(
        board=scene.board,
        released={command.sku: command.units},
        held_back=item.stock - item.first_batch,
        log=(entry,),
        answer={"sku": command.sku, "units": command.units},
    )
