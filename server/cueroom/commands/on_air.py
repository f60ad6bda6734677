"""What is on air: the start, the next item or any other, a move taken back, the end."""

from cueroom.commands.scene import Refused, Scene, Transition, over, unknown_host, unknown_sku
from cueroom.commands.table import End, Next, Present, Start, Undo
from cueroom.show.board import OnAir, Phase, ended, put_on, started, taken_back

UNDO_MS = 10_000
"""How long a move can be taken back, in real milliseconds."""


def start(_: Start, scene: Scene) -> Transition | Refused:
    """Begins the show, if it has not begun."""
    if scene.board.phase is not Phase.PLANNED:
        return Refused(409, "wrong_phase", f"the show is {scene.board.phase.value} already; start is for a planned one")
    entry = {"type": "show.started", "time": scene.at, "source": "console"}
    return Transition(board=started(scene.board, scene.at), log=(entry,))


def present(command: Present, scene: Scene) -> Transition | Refused:
    """Puts an item on air, whatever the running order says."""
    item = scene.rundown.item(command.sku)
    if item is None:
        return unknown_sku(command.sku)
    host = command.host or item.host
    if host not in scene.rundown.host_ids:
        return unknown_host(host, scene.rundown)
    return _on_air(command.sku, host, scene)


def go_on(_: Next, scene: Scene) -> Transition | Refused:
    """Puts the next item of the running order on air, with its own host."""
    if scene.board.phase is Phase.ENDED:
        return over()
    sku = scene.board.next_sku
    if sku is None:
        return Refused(
            409, "nothing_next", "every item of the running order has been on; use present to bring one back"
        )
    item = scene.rundown.item(sku)
    return _on_air(sku, item.host if item else scene.rundown.lead, scene)


def _on_air(sku: str, host: str, scene: Scene) -> Transition | Refused:
    if scene.board.phase is Phase.ENDED:
        return over()
    # A server whose clock is ahead may have dated the item on air after now; who commands now is the later one.
    at = max(scene.at, scene.board.live.since if scene.board.live else 0)
    entry = {"type": "item.presented", "time": at, "sku": sku, "host": host, "source": "console"}
    board = put_on(scene.board, OnAir(sku, at, host), round(UNDO_MS * scene.speed))
    return Transition(board=board, log=(entry,), answer={"sku": sku, "host": host})


def undo(_: Undo, scene: Scene) -> Transition | Refused:
    """Puts back on air what was before, as if the last move had not been made."""
    move = scene.board.undo
    if move is None:
        return Refused(409, "nothing_to_undo", "no move can be taken back; present puts an item on air again")
    if scene.at > move.until:
        return Refused(409, "too_late", f"a move can be taken back for {UNDO_MS // 1000} s; present the item again")
    board = taken_back(scene.board, move)
    if board.live is None:
        return Transition(board=board)
    sku, host = board.live.sku, board.live.host
    entry = {"type": "item.presented", "time": scene.at, "sku": sku, "host": host, "source": "console"}
    return Transition(board=board, log=(entry,), answer={"sku": sku, "host": host})


def end(_: End, scene: Scene) -> Transition | Refused:
    """Ends the show, once."""
    if scene.board.phase is Phase.ENDED:
        return Refused(409, "wrong_phase", "the show has ended already")
    entry = {"type": "show.ended", "time": scene.at, "source": "console"}
    return Transition(board=ended(scene.board, scene.at), log=(entry,))
