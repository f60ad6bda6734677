"""Receipts: a screen tells that it has painted a cue."""

from starlette.requests import Request
from starlette.responses import Response

from cueroom.edge.doors import admit
from cueroom.edge.problems import Problem
from cueroom.edge.services import Services, services_of
from cueroom.show.access import Role
from cueroom.show.board import with_cues
from cueroom.show.cues import CueState, cue_entry, may_move
from cueroom.storage.calls import Change


async def handle_shown(request: Request) -> Response:
    """`POST /shows/{show}/cues/{cue}/shown`: a screen has painted the cue."""
    services, show = services_of(request), request.path_params["show"]
    key = await admit(request, show, frozenset({Role.HOST}))
    if isinstance(key, Problem):
        return key.response()
    await mark_shown(services, show, request.path_params["cue"], key.holder)
    return Response(status_code=204)


async def mark_shown(services: Services, show: str, cue_id: str, by: str) -> None:
    """Moves a cue from issued to shown; the first screen that paints it counts, later receipts change nothing."""
    board = await services.store.board(show)
    while True:
        cue = board.cue(cue_id)
        if cue is None or not may_move(cue, CueState.SHOWN):
            return
        now = services.clock.now_ms()
        shown = cue.moved(CueState.SHOWN, now, by)
        change = Change(before=board, after=with_cues(board, (shown,)), log=[cue_entry(shown, now)])
        changed = await services.store.change(show, change)
        if changed.status == "stale" and changed.board:
            board = changed.board
            continue
        services.metrics.count_cue(shown.kind, shown.state)
        painted_ms = now - (cue.evidence_at or cue.issued_at)
        services.metrics.paint_seconds.observe(services.clock.real_s(max(0, painted_ms)))
        return
