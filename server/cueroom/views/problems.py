"""Problems in words: which codes have some in the catalogues, and which of them each page may have to tell."""

import json
from collections.abc import Sequence

from cueroom import i18n

PROBLEMS = (
    "already_on",
    "bad_command",
    "bad_currency",
    "bad_link",
    "bad_papers",
    "bad_policy",
    "bad_show_id",
    "cannot_change",
    "cue_ended",
    "failed",
    "file_kind",
    "forbidden",
    "foreign_origin",
    "known_show",
    "known_sku",
    "no_pool",
    "no_such_address",
    "no_such_file",
    "not_in_reserve",
    "nothing_next",
    "nothing_to_undo",
    "other_currency",
    "other_items",
    "papers_missing",
    "plan_has_mistakes",
    "rehearsing",
    "restarting",
    "stale_papers",
    "stale_plan",
    "stale_pool",
    "stale_profile",
    "stale_revision",
    "store_unavailable",
    "too_big",
    "too_late",
    "too_many_requests",
    "too_slow",
    "unauthorized",
    "under_agreed",
    "unknown_cue",
    "unknown_host",
    "unknown_profile",
    "unknown_show",
    "unknown_sku",
    "unreadable_file",
    "wrong_phase",
)
"""The problem codes that have words of their own in the catalogues."""

PLAN_PROBLEMS = (
    "bad_show_id",
    "cannot_change",
    "forbidden",
    "known_show",
    "papers_missing",
    "plan_has_mistakes",
    "rehearsing",
    "restarting",
    "stale_plan",
    "store_unavailable",
    "too_big",
    "unauthorized",
    "unreadable_file",
)
"""Those that a plan's page may have to tell."""

PAPERS_PROBLEMS = (
    "bad_papers",
    "file_kind",
    "forbidden",
    "restarting",
    "stale_papers",
    "store_unavailable",
    "too_big",
    "too_slow",
    "unauthorized",
)
"""Those that a product's papers may have to tell."""

ASSORTMENT_PROBLEMS = (
    "bad_currency",
    "forbidden",
    "known_show",
    "bad_show_id",
    "no_pool",
    "other_currency",
    "stale_pool",
    "stale_profile",
    "store_unavailable",
    "too_big",
    "too_slow",
    "unauthorized",
    "unknown_profile",
)
"""Those that the pages of the pool, the hosts and the assortment may have to tell."""


def problem_words(locale: str, codes: Sequence[str]) -> str:
    """The words for these problems, for a script."""
    return json.dumps({code: i18n.say(locale, f"problem.{code}") for code in codes}, ensure_ascii=False)
