"""Cues in people's hands: what they do with one, and messages, which are cues of their own."""

from collections.abc import Callable

from cueroom.commands.scene import Refused, Scene, Transition, unknown_host
from cueroom.commands.table import CueCommand, Message
from cueroom.show.board import Phase, with_cues
from cueroom.show.cues import Audience, Cue, CueState, Kind, Why, cue_entry, may_move
from cueroom.show.text import readable

MESSAGE_TTL_MS = 60_000
MESSAGE_PRIORITY = 2
"""Below what cannot wait, above the engine's ordinary advice: people come before rules."""


def message(command: Message, scene: Scene) -> Transition | Refused:
    """A cue of a person's own words, painted like the others."""
    if command.to is not None and command.to not in scene.rundown.host_ids:
        return unknown_host(command.to, scene.rundown)
    if scene.board.phase is Phase.ENDED:
        return Refused(409, "wrong_phase", "the show has ended; nobody reads a prompter any more")
    text = readable(command.text)
    if not text:
        return Refused(400, "bad_command", "a message needs words")
    cue = Cue(
        id=f"c-{scene.board.cue_seq + 1}",
        kind=Kind.MESSAGE,
        audience=Audience.HOST,
        to=command.to,
        priority=MESSAGE_PRIORITY,
        text=text,
        issued_at=scene.at,
        expires_at=scene.at + MESSAGE_TTL_MS,
        why=Why("person", explain=scene.by),
        evidence_at=scene.at,
    )
    return _cue_changed(cue, scene)


def move_to(state: CueState) -> Callable[[CueCommand, Scene], Transition | Refused]:
    """What takes a cue into that state, where its life allows it."""

    def move(command: CueCommand, scene: Scene) -> Transition | Refused:
        cue = scene.board.cue(command.cue)
        if cue is None:
            return Refused(404, "unknown_cue", f"there is no cue {command.cue} among the open and the last ended ones")
        if not may_move(cue, state):
            last = cue.steps[-1]
            return Refused(409, "cue_ended", f"{cue.id} was {cue.state.value} already, by {last.by}")
        return _cue_changed(cue.moved(state, scene.at, scene.by), scene)

    return move


def _cue_changed(cue: Cue, scene: Scene) -> Transition:
    return Transition(
        board=with_cues(scene.board, (cue,)),
        log=(cue_entry(cue, scene.at),),
        answer={"cue": cue.id, "state": cue.state.value},
    )
