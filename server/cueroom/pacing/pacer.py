"""The pacer: one step of pacing a show: the engine's decision, and the effects of what people accepted."""

import msgspec

from cueroom.pacing.effect import Watch, follow, with_effects
from cueroom.pacing.engine import decide
from cueroom.pacing.memory import Memory
from cueroom.pacing.policy import policy_of
from cueroom.show.board import Board, with_cues
from cueroom.show.cues import Cue
from cueroom.show.state import Outlook, Snapshot


class Mind(msgspec.Struct, frozen=True, kw_only=True):
    """All that must be kept between two steps, by whoever leads: the engine's memory, and the cues watched for their
    effect."""

    memory: Memory = Memory()
    watches: tuple[Watch, ...] = ()


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """`changes` are cues issued or moved, `measured` closed ones whose effect is known now; all of them whole."""

    changes: tuple[Cue, ...]
    measured: tuple[Cue, ...]
    mind: Mind
    outlook: Outlook

    def on(self, board: Board) -> Board:
        """The board after the step."""
        after = with_cues(board, self.changes) if self.changes else board
        return with_effects(after, self.measured) if self.measured else after


def pace(snapshot: Snapshot, mind: Mind) -> Step:
    """Decide under the policy as it is now, and follow what became of earlier advice. The same snapshot and mind
    always give the same step."""
    snapshot = msgspec.structs.replace(snapshot, rundown=snapshot.board.governed(snapshot.rundown))
    followed = follow(snapshot, mind.memory, policy_of(snapshot.rundown), mind.watches)
    decision = decide(snapshot, mind.memory)
    return Step(
        changes=decision.changes,
        measured=followed.measured,
        mind=Mind(memory=decision.memory, watches=followed.watches),
        outlook=decision.outlook,
    )
