"""Languages of a request: what the person chose and kept, else what the browser asks for."""

from starlette.requests import HTTPConnection

from cueroom import i18n

COOKIE = "cueroom-lang"


def locale_of(connection: HTTPConnection, default: str) -> str:
    """The language to speak: `?lang=`, then the kept choice, then `Accept-Language`, then `default`."""
    chosen = connection.query_params.get("lang") or connection.cookies.get(COOKIE)
    return i18n.negotiate(connection.headers.get("accept-language"), chosen, default)
