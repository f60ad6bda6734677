"""Which language somebody is spoken to in: what they chose and kept, else what their browser or terminal asks for."""

from starlette.requests import HTTPConnection

from cueroom.i18n import LOCALES

COOKIE = "cueroom-lang"
_HANT = ("zh-hant", "zh-tw", "zh-hk", "zh-mo")


def locale_of(connection: HTTPConnection, default: str = LOCALES[0]) -> str:
    """The language to speak: `?lang=`, then the kept choice, then `Accept-Language`, then `default`."""
    chosen = connection.query_params.get("lang") or connection.cookies.get(COOKIE)
    return negotiate(connection.headers.get("accept-language"), chosen, default)


def negotiate(accept_language: str | None, chosen: str | None, default: str) -> str:
    """The language of a screen: the one chosen by the person, else the best the browser asks for, else `default`."""
    if chosen in LOCALES:
        return chosen
    spoken = (_spoken(tag) for tag in _accepted(accept_language or ""))
    return next((locale for locale in spoken if locale), default if default in LOCALES else LOCALES[0])


def _accepted(header: str) -> list[str]:
    """The language tags of an Accept-Language header, best first."""
    weighted = []
    for place, part in enumerate(header.split(",")):
        tag, _, weight = part.strip().partition(";q=")
        try:
            weighted.append((-float(weight or 1), place, tag))
        except ValueError:
            continue
    return [tag for _, _, tag in sorted(weighted) if tag]


def _spoken(tag: str) -> str | None:
    """Which of our languages a browser's tag means."""
    low = tag.lower()
    if low.startswith("zh"):
        return "zh-Hant" if low.startswith(_HANT) else "zh-Hans"
    return "en" if low.startswith("en") else None
