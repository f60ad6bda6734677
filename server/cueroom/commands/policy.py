"""The engine's thresholds, set during the show."""

import msgspec

from cueroom.commands.scene import Refused, Scene, Transition
from cueroom.commands.table import SetPolicy
from cueroom.pacing.policy import Policy, policy_errors
from cueroom.show.board import Phase


def set_policy(command: SetPolicy, scene: Scene) -> Transition | Refused:
    """Sets thresholds, where each has a value within its bounds."""
    if scene.board.phase is Phase.ENDED:
        return Refused(409, "wrong_phase", "the show has ended; nothing is advised any more")
    default = Policy()
    judged = {key: getattr(default, key, None) if value is None else value for key, value in command.set.items()}
    errors = policy_errors(judged)
    if errors:
        return Refused(400, "bad_policy", "; ".join(f"{key}: {error}" for key, error in errors))
    changed = {key: value for key, value in {**scene.board.policy, **command.set}.items() if value is not None}
    return Transition(board=msgspec.structs.replace(scene.board, policy=changed), answer={"policy": changed})
