"""Pages and pushed fragments: the only module that knows Jinja. The same block serves a page and its pushes."""

from collections.abc import Mapping
from functools import cache, lru_cache, partial
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2_fragments import render_block
from markupsafe import Markup

from cueroom import i18n
from cueroom.views import screen as views
from cueroom.views.rundown import Row
from cueroom.web_files import asset, web_dir

PUSHED = "live"
"""The block of a screen that its socket sends again and again, whole."""

LINES_KEPT = 4_096
"""Lines of rundowns that are kept, in all shows and languages: some 13 MB at most."""


def render_page(screen: str, locale: str, **context: Any) -> str:
    """The whole HTML page of a screen; what each screen needs is told by `cueroom.views`."""
    return _environment().get_template(f"{screen}.html").render(_filled(screen, locale, context))


def render_push(screen: str, locale: str, cut: str = "", **context: Any) -> str:
    """One frame for a screen's socket: the live part of the page, from the same context as the page, with `cut` around
    what `cueroom.views.parts` may leave out of it.

    It starts with its element, so that the browser puts it in the place of the last one without a gap."""
    block = render_block(_environment(), f"{screen}.html", PUSHED, {**_filled(screen, locale, context), "cut": cut})
    return block.strip()


def read_ahead() -> None:
    """Reads every template and catalogue now. Files may be replaced by an upgrade's while this process still serves;
    what it renders is of one version until its end."""
    environment = _environment()
    for name in environment.list_templates():
        environment.get_template(name)
    for locale in i18n.LOCALES:
        i18n.catalogue(locale)


def _filled(screen: str, locale: str, context: Mapping[str, Any]) -> dict[str, Any]:
    view = views.view_of(screen, locale, context)
    currency = view["state"]["show"]["currency"] if "state" in view else view.get("currency")
    return {
        "screen": screen,
        "cut": "",
        "locale": locale,
        "locales": i18n.LOCALES,
        "nav": views.navigation(context),
        "line": partial(_line, locale, currency),
        **_words(locale, currency),
        **view,
    }


@lru_cache(maxsize=LINES_KEPT)
def _line(locale: str, currency: str, row: Row) -> Markup:
    """A line of the rundown, as it was made before if its values are the same: in a long show nearly all are."""
    return Markup(_environment().get_template("_row.html").render(row=row, **_words(locale, currency)))  # noqa: S704  # the template escapes


def _words(locale: str, currency: str | None) -> dict[str, Any]:
    """The functions by which templates speak, bound to a language and the show's currency."""
    return {
        "t": partial(i18n.say, locale),
        "money": lambda minor: i18n.money(locale, minor, currency or "CNY"),
        "price": lambda minor: i18n.price(locale, minor, currency or "CNY"),
        "count": partial(i18n.count, locale),
        "rate": partial(i18n.rate, locale),
        "percent": partial(i18n.percent, locale),
        "duration": partial(i18n.duration_words, locale),
    }


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(web_dir() / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        auto_reload=False,
    )
    environment.filters["hms"] = views.hms
    environment.globals["asset"] = asset
    return environment
