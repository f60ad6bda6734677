"""The board: what is on air, what comes next and which cues are open; changed only by commands, the director
and a feed's `item.presented` and `show.*` events, always whole and by version."""

from enum import StrEnum
from typing import Any

import msgspec

from cueroom.show.cues import Cue
from cueroom.show.events import BoardEvent, ItemPresented, ShowStarted
from cueroom.show.rundown import Item, Rundown


class Phase(StrEnum):
    """Where a show stands."""

    PLANNED = "planned"
    LIVE = "live"
    ENDED = "ended"


class OnAir(msgspec.Struct, frozen=True):
    """The item on air, since when (ms) and with which host."""

    sku: str
    since: int
    host: str


class Play(msgspec.Struct, frozen=True):
    """A finished spell on air: from `since` until `until`, in ms."""

    sku: str
    since: int
    until: int
    host: str


class Undo(msgspec.Struct, frozen=True):
    """What a move of a person put an end to, kept `until` (ms) it can no longer be taken back: the phase, the start
    and what was on air; `plays` is how many spells were over."""

    until: int
    phase: Phase
    started_at: int | None
    live: OnAir | None
    plays: int


class Board(msgspec.Struct, frozen=True, kw_only=True):
    """`order` is the running order (SKUs), as people have it by now; `skipped` are those of it that people leave out,
    `minutes` the planned minutes they changed, by SKU, `policy` the thresholds they set. `closed` keeps the last ended
    cues, newest first, for the consoles; all of them are in the show's log. `last_act` is what a person did last,
    for whoever comes second: the command, what it was about and who gave it; `last_act_at` is when (ms)."""

    version: int = 0
    phase: Phase = Phase.PLANNED
    started_at: int | None = None
    ended_at: int | None = None
    live: OnAir | None = None
    order: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    minutes: dict[str, float] = {}
    policy: dict[str, Any] = {}
    undo: Undo | None = None
    plays: tuple[Play, ...] = ()
    cues: tuple[Cue, ...] = ()
    closed: tuple[Cue, ...] = ()
    cue_seq: int = 0
    last_act: str = ""
    last_act_at: int = 0

    @property
    def played(self) -> frozenset[str]:
        """What is or was on air."""
        return frozenset(play.sku for play in (*self.plays, self.live) if play)

    @property
    def left_out(self) -> tuple[str, ...]:
        """What people skip; an item that was on air all the same is not."""
        played = self.played
        return tuple(sku for sku in self.skipped if sku not in played)

    @property
    def to_come(self) -> tuple[str, ...]:
        """What is still to be on air, in running order."""
        gone = self.played.union(self.skipped)
        return tuple(sku for sku in self.order if sku not in gone)

    @property
    def next_sku(self) -> str | None:
        """The first item of the running order not yet played and not skipped."""
        return next(iter(self.to_come), None)

    def edited(self, item: Item) -> Item:
        """The item with the minutes that people gave it."""
        return msgspec.structs.replace(item, minutes=self.minutes.get(item.sku, item.minutes))

    def governed(self, rundown: Rundown) -> Rundown:
        """The rundown under the policy as people have set it by now."""
        return msgspec.structs.replace(rundown, policy=rundown.policy | self.policy) if self.policy else rundown

    def cue(self, cue_id: str) -> Cue | None:
        """The cue of that id among the open and the last closed ones."""
        return next((cue for cue in (*self.cues, *self.closed) if cue.id == cue_id), None)

    def told(self, event: BoardEvent, rundown: Rundown, at: int) -> "Board":
        """The board after a feed's event that happened at `at` (ms)."""
        if isinstance(event, ItemPresented):
            item = rundown.item(event.sku)
            return presented(self, event.sku, event.host or (item.host if item else rundown.lead), at)
        return started(self, at) if isinstance(event, ShowStarted) else ended(self, at)

    def air_ms(self, sku: str, now: int) -> int:
        """How long the item has been on air so far, over all its spells."""
        done = sum(play.until - play.since for play in self.plays if play.sku == sku)
        live = max(0, now - self.live.since) if self.live and self.live.sku == sku else 0
        return done + live


CLOSED_KEPT = 20
"""How many ended cues a board remembers."""


def with_cues(board: Board, changed: tuple[Cue, ...]) -> Board:
    """The board after some cues were issued or moved one transition; the ended ones go to `closed`."""
    by_id = {cue.id: cue for cue in changed}
    known = {cue.id for cue in board.cues}
    cues = [by_id.get(cue.id, cue) for cue in board.cues] + [cue for cue in changed if cue.id not in known]
    ended = tuple(cue for cue in reversed(cues) if not cue.is_open)
    return msgspec.structs.replace(
        board,
        cues=tuple(sorted((cue for cue in cues if cue.is_open), key=lambda cue: (cue.priority, cue.issued_at))),
        closed=(ended + board.closed)[:CLOSED_KEPT],
        cue_seq=max([board.cue_seq, *(cue_number(cue) for cue in changed)]),
    )


def changed_cues(before: Board, after: Board) -> list[Cue]:
    """The cues that were issued or moved between two boards, as they are after it, oldest first."""
    known = {cue.id: cue.state for cue in (*before.cues, *before.closed)}
    now = [cue for cue in (*after.cues, *after.closed) if known.get(cue.id) is not cue.state]
    return sorted((cue for cue in now if cue_number(cue) > before.cue_seq or cue.id in known), key=cue_number)


def cue_number(cue: Cue) -> int:
    """The 31 of `c-31`."""
    return int(cue.id.removeprefix("c-"))


def started(board: Board, at: int) -> Board:
    """The show is live from `at`; a second start changes nothing."""
    if board.phase is not Phase.PLANNED:
        return board
    return msgspec.structs.replace(board, phase=Phase.LIVE, started_at=at)


def presented(board: Board, sku: str, host: str, at: int) -> Board:
    """The host is on `sku` since `at`. The first item presented starts the show; presenting what is on air
    already, with the same host, changes nothing, nor does an item presented after the end, nor late news of one
    that was on air before the present one."""
    if board.phase is Phase.ENDED or (board.live and at < board.live.since):
        return board
    if board.live and (board.live.sku, board.live.host) == (sku, host):
        return board
    board = started(board, at)
    return msgspec.structs.replace(_taken_off(board, at), live=OnAir(sku, at, host), undo=None)


def put_on(board: Board, live: OnAir, undo_ms: int) -> Board:
    """A person puts this on air; for `undo_ms` it can be taken back."""
    after = presented(board, live.sku, live.host, live.since)
    if after is board:
        return board
    undo = Undo(live.since + undo_ms, board.phase, board.started_at, board.live, len(board.plays))
    return msgspec.structs.replace(after, undo=undo)


def taken_back(board: Board, undo: Undo) -> Board:
    """The board as if the last move had not been made; what was on air then has been so all the time."""
    return msgspec.structs.replace(
        board,
        phase=undo.phase,
        started_at=undo.started_at,
        live=undo.live,
        plays=board.plays[: undo.plays],
        undo=None,
    )


def reloaded(board: Board, before: Rundown | None, after: Rundown) -> Board:
    """The board once the show file was loaded again. What people changed during the show stays, except a running
    order that the file itself has changed since: then the file's order counts, and what was inserted comes last."""
    skus = tuple(item.sku for item in after.items)
    same = before is not None and [item.sku for item in before.planned] == [item.sku for item in after.planned]
    return msgspec.structs.replace(
        board,
        order=board.order if same and set(board.order) == set(skus) else skus,
        skipped=tuple(sku for sku in board.skipped if sku in skus),
        minutes={sku: minutes for sku, minutes in board.minutes.items() if sku in skus},
    )


def ended(board: Board, at: int) -> Board:
    """The show is over: nothing is on air any more. A show that never started ends as well."""
    if board.phase is Phase.ENDED:
        return board
    return msgspec.structs.replace(_taken_off(board, at), live=None, phase=Phase.ENDED, ended_at=at, undo=None)


def _taken_off(board: Board, at: int) -> Board:
    if board.live is None:
        return board
    play = Play(board.live.sku, board.live.since, max(at, board.live.since), board.live.host)
    return msgspec.structs.replace(board, plays=(*board.plays, play))
