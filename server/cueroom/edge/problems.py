"""Problems: what is answered instead, as RFC 9457 documents."""

from http import HTTPStatus
from typing import Any

import msgspec
from starlette.responses import Response

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


def store_problem(error: Exception) -> Problem:
    """The store does not answer or is full: nothing was taken, come back."""
    return Problem(503, "store_unavailable", str(error), retry_after_s=2)
