"""Commanding: `POST /v1/shows/{show}/commands`, from a request to the board and back, in one transition."""

import hashlib
from typing import Any

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response

from cueroom.commands import AnyCommand, Refused, Scene, Transition, decide, goes_live
from cueroom.edge.answers import json_answer
from cueroom.edge.bodies import read_body
from cueroom.edge.doors import PRODUCERS, admit
from cueroom.edge.problems import Problem
from cueroom.edge.services import Services, services_of
from cueroom.show.access import KeyRecord
from cueroom.show.board import Board, changed_cues
from cueroom.show.wire import UNREADABLE
from cueroom.storage.calls import Change, Changed
from cueroom.storage.dossiers import uncleared_items

COMMAND_BYTES = 16_384
_COMMAND = msgspec.json.Decoder(AnyCommand)
log = structlog.get_logger()


async def handle_command(request: Request) -> Response:
    """Takes one command, as JSON or from a form; 200 with the new revision, or the problem."""
    with services_of(request).burden.person():
        return await _take(request)


async def _take(request: Request) -> Response:
    services, show = services_of(request), request.path_params["show"]
    admitted = await admit(request, show, PRODUCERS)
    if isinstance(admitted, Problem):
        return admitted.response()
    command = await read_command(request)
    if isinstance(command, Problem):
        return command.response()
    answer = await carry_out(services, show, command, admitted, request.headers.get("idempotency-key"))
    if isinstance(answer, Problem):
        return answer.response()
    return json_answer(answer)


async def read_command(request: Request) -> AnyCommand | Problem:
    """The command in the body, or what is wrong with it."""
    body = await read_body(request, COMMAND_BYTES)
    if isinstance(body, Problem):
        return body
    try:
        if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            request._body = body  # `form()` reads the body a second time
            fields = {name: value for name, value in (await request.form()).items() if value != ""}
            command: AnyCommand = msgspec.convert(fields, AnyCommand, strict=False)
        else:
            command = _COMMAND.decode(body)
    except UNREADABLE as error:
        names = ", ".join(str(kind.__struct_config__.tag) for kind in AnyCommand.__args__)
        return Problem(400, "bad_command", f"{error}; the commands are {names}")
    return command


async def carry_out(
    services: Services, show: str, command: AnyCommand, key: KeyRecord, idempotency_key: str | None
) -> dict[str, Any] | Problem:
    """Decides the command on the board and makes the transition; where another was faster, decides again."""
    board = await services.store.board(show)
    idem = idempotency_key and hashlib.sha256(f"{key.id}|{idempotency_key}".encode()).hexdigest()
    while True:
        rundown = await services.store.rundown(show)
        uncleared = await uncleared_items(services.store.house, rundown, goes_live(command, board))
        scene = Scene(board, rundown, services.clock.now_ms(), key.holder, services.clock.speed, uncleared)
        decided = decide(command, scene)
        change = _change_of(decided, board, command, idem)
        if isinstance(decided, Transition) and decided.inserted:
            change.rundown = msgspec.structs.replace(rundown, items=(*rundown.items, decided.inserted))
        changed = await services.store.change(show, change)
        if changed.status == "stale" and changed.board:
            board = changed.board
            continue
        answer = _answer(services, show, decided, change, changed)
        if isinstance(answer, Problem) and idem and changed.status != "repeated":
            await services.store.remember(show, idem, changed.rev, msgspec.json.encode({"problem": answer}).decode())
        return answer


def _change_of(decided: Transition | Refused, board: Board, command: AnyCommand, idem: str | None) -> Change:
    """The transition to ask for; a refused command asks for none, but still learns whether it is a repeat or late."""
    if isinstance(decided, Refused):
        return Change(before=board, after=board, if_rev=command.if_rev, peek=idem)
    return Change(
        before=board,
        after=decided.board,
        log=list(decided.log),
        released=decided.released,
        held_back=decided.held_back,
        person=True,
        if_rev=command.if_rev,
        idem=idem,
        answer=msgspec.json.encode(decided.answer).decode(),
    )


def _answer(
    services: Services, show: str, decided: Transition | Refused, change: Change, changed: Changed
) -> dict[str, Any] | Problem:
    if changed.status == "repeated":
        first = msgspec.json.decode(changed.answer, type=dict[str, Any])
        if "problem" in first:
            return msgspec.convert(first["problem"], Problem)
        return {"rev": changed.rev, **first}
    if changed.status == "conflict":
        return _conflict(change.if_rev or 0, changed)
    if changed.status == "short":
        detail = "fewer units than that are held back; see stock_left less on_shelf"
        return Problem(409, "not_in_reserve", detail, {"rev": changed.rev})
    if isinstance(decided, Refused):
        return Problem(decided.status, decided.code, decided.detail, {"rev": changed.rev, **decided.extra})
    for cue in changed_cues(change.before, change.after):
        services.metrics.count_cue(cue.kind, cue.state)
        log.info("cue", show=show, cue=cue.id, kind=cue.kind.value, state=cue.state.value)
    return {"rev": changed.rev, **decided.answer}


def _conflict(if_rev: int, changed: Changed) -> Problem:
    if if_rev > changed.rev:
        detail = f"there was no revision {if_rev} of this show yet; the present one is {changed.rev}"
        return Problem(412, "stale_revision", detail, {"rev": changed.rev})
    did = changed.board.last_act if changed.board else ""
    detail = f"the show has changed since revision {if_rev}: {did}; look again, then decide"
    return Problem(412, "stale_revision", detail, {"rev": changed.rev, "did": did})
