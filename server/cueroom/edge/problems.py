"""Problems: what is answered instead, as RFC 9457 documents."""

from http import HTTPStatus
from typing import Any

import msgspec
from starlette.responses import Response

from cueroom.errors import StoreUnavailable, UnknownShow

Extra = dict[str, Any]


class Problem(msgspec.Struct, frozen=True):
    """A refusal. `code` is stable, `detail` says what is wrong and what would be right; `extra` are further members."""

    status: int
    code: str
    detail: str
    extra: Extra = {}
    retry_after_s: int | None = None

    def response(self) -> Response:
        """The answer to send."""
        body = {
            "type": f"urn:cueroom:problem:{self.code}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            **self.extra,
        }
        headers = {} if self.retry_after_s is None else {"Retry-After": str(self.retry_after_s)}
        if self.status == HTTPStatus.UNAUTHORIZED:
            headers["WWW-Authenticate"] = "Bearer"
        return Response(msgspec.json.encode(body), self.status, headers=headers, media_type="application/problem+json")


def problem_of(error: Exception) -> Problem:
    """What to answer whoever asked for what cannot be done now. Coming back helps only where the store does not answer
    or is full."""
    if isinstance(error, StoreUnavailable):
        return Problem(503, "store_unavailable", str(error), retry_after_s=2)
    if isinstance(error, UnknownShow):
        return Problem(404, "unknown_show", str(error))
    return Problem(500, "failed", str(error))
