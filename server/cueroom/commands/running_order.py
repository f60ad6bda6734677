"""The running order while the show runs: what comes when and for how long, what is left out or comes in."""

import msgspec

from cueroom.commands.scene import Refused, Scene, Transition, over, unknown_host, unknown_sku
from cueroom.commands.table import Insert, Order, SetMinutes, Skip, Unskip
from cueroom.show.board import Phase
from cueroom.show.rundown import Item, Rundown
from cueroom.show.text import readable


def order(command: Order, scene: Scene) -> Transition | Refused:
    """Takes the new order, where it names the same items."""
    if scene.board.phase is Phase.ENDED:
        return over()
    if sorted(command.skus) != sorted(scene.board.order):
        missing = [sku for sku in scene.board.order if sku not in command.skus]
        strange = [sku for sku in dict.fromkeys(command.skus) if sku not in scene.board.order]
        twice = [sku for sku in dict.fromkeys(command.skus) if command.skus.count(sku) > 1]
        told = {"missing": missing, "unknown": strange, "named twice": twice}
        wrong = "; ".join(f"{what}: {', '.join(skus)}" for what, skus in told.items() if skus)
        return Refused(409, "other_items", f"a new order names every item of the present one, once; {wrong}")
    board = msgspec.structs.replace(scene.board, order=command.skus)
    return Transition(board=board, answer={"order": list(command.skus)})


def skip(command: Skip, scene: Scene) -> Transition | Refused:
    """Leaves out an item that is still to come."""
    refused = _not_to_come(command.sku, scene)
    if refused:
        return refused
    skipped = dict.fromkeys((*scene.board.skipped, command.sku))
    return Transition(board=msgspec.structs.replace(scene.board, skipped=tuple(skipped)), answer={"sku": command.sku})


def unskip(command: Unskip, scene: Scene) -> Transition | Refused:
    """Takes an item in again."""
    refused = _not_to_come(command.sku, scene)
    if refused:
        return refused
    skipped = tuple(sku for sku in scene.board.skipped if sku != command.sku)
    return Transition(board=msgspec.structs.replace(scene.board, skipped=skipped), answer={"sku": command.sku})


def set_minutes(command: SetMinutes, scene: Scene) -> Transition | Refused:
    """Gives an item another time on air, not less than was agreed."""
    live = scene.board.live
    refused = None if live and live.sku == command.sku else _not_to_come(command.sku, scene)
    if refused:
        return refused
    item = scene.rundown.item(command.sku)
    if item and command.minutes < item.min_minutes:
        return Refused(409, "under_agreed", f"{item.min_minutes:g} minutes on air were agreed for {item.sku}")
    minutes = {**scene.board.minutes, command.sku: command.minutes}
    board = msgspec.structs.replace(scene.board, minutes=minutes)
    return Transition(board=board, answer={"sku": command.sku, "minutes": command.minutes})


def _not_to_come(sku: str, scene: Scene) -> Refused | None:
    """Why nothing about the item's turn can be changed: it is over, or there is no such item."""
    if scene.board.phase is Phase.ENDED:
        return over()
    if scene.rundown.item(sku) is None:
        return unknown_sku(sku)
    if sku in scene.board.played:
        return Refused(409, "already_on", f"{sku} is or was on air; this is for what is still to come")
    return None


def insert(command: Insert, scene: Scene) -> Transition | Refused:
    """Takes in an item that the show file does not know."""
    if scene.board.phase is Phase.ENDED:
        return over()
    item = _new_item(command, scene.rundown)
    if isinstance(item, Refused):
        return item
    place = len(scene.board.order) if command.after is None else scene.board.order.index(command.after) + 1
    order = (*scene.board.order[:place], item.sku, *scene.board.order[place:])
    return Transition(board=msgspec.structs.replace(scene.board, order=order), inserted=item, answer={"sku": item.sku})


def _new_item(command: Insert, rundown: Rundown) -> Item | Refused:
    sku, name = readable(command.sku), readable(command.name)
    if not sku or not name:
        return Refused(400, "bad_command", "an item needs a SKU and a name")
    if rundown.item(sku):
        return Refused(409, "known_sku", f"sku {sku!r} is in the rundown already; give the new item another")
    if command.after is not None and rundown.item(command.after) is None:
        return unknown_sku(command.after)
    host = command.host or rundown.lead
    if host not in rundown.host_ids:
        return unknown_host(host, rundown)
    return Item(
        sku=sku,
        name=name,
        role=command.role,
        price=command.price,
        stock=command.stock,
        minutes=command.minutes,
        # Where the sheet gives every item its share, the engine asks for one too: that of an ordinary item.
        share=min(1.0, command.minutes / rundown.duration_min),
        host=host,
        inserted=True,
    )
