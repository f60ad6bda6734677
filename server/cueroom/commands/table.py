"""The table of commands: what people may ask for, and what each carries."""

from typing import Annotated, Any

import msgspec

from cueroom.show.events import Id, Minor, Sku
from cueroom.show.rundown import Role

SHORTEST_REASON, LONGEST_REASON = 3, 200
"""Characters of the reason for which somebody goes live without papers."""
Minutes = Annotated[float, msgspec.Meta(gt=0, le=600)]


class Command(msgspec.Struct, tag_field="command", kw_only=True):
    """What every command may carry: the revision it was decided on."""

    if_rev: Annotated[int, msgspec.Meta(ge=0, le=2**53)] | None = None


class LiveCommand(Command, kw_only=True):
    """What takes items live. In a show that requires papers it needs a reason where an item lacks some."""

    reason: (
        Annotated[
            str,
            msgspec.Meta(
                min_length=SHORTEST_REASON,
                max_length=LONGEST_REASON,
                description="why it goes live although papers are lacking; the recap tells it",
            ),
        ]
        | None
    ) = None


class Start(LiveCommand, tag="start"):
    """The show is live."""


class Present(LiveCommand, tag="present", kw_only=True):
    """This item is on air now, with this host (default: the item's)."""

    sku: Sku
    host: Id | None = None


class Next(LiveCommand, tag="next"):
    """The next item of the running order is on air now."""


class Message(Command, tag="message", kw_only=True):
    """A sentence to one host, or to all."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    to: Id | None = None


class CueCommand(Command, kw_only=True):
    """Something done with one cue."""

    cue: Id


class Accept(CueCommand, tag="accept"):
    """The cue is taken: it will be done."""


class Dismiss(CueCommand, tag="dismiss"):
    """The cue is not taken."""


class Snooze(CueCommand, tag="snooze"):
    """Not now; it may be cued again later."""


class Recall(CueCommand, tag="recall"):
    """Takes a cue or message back from every screen."""


class Release(Command, tag="release", kw_only=True):
    """The next units of real stock are on the shelf now."""

    sku: Sku
    units: Annotated[int, msgspec.Meta(ge=1, le=1_000_000_000)]


class Order(Command, tag="order", kw_only=True):
    """The whole new running order: every item of the present one, once."""

    skus: Annotated[tuple[Sku, ...], msgspec.Meta(max_length=2000)]


class ItemCommand(Command, kw_only=True):
    """Something done with one item of the rundown."""

    sku: Sku


class Skip(ItemCommand, tag="skip"):
    """The item is left out of the running order."""


class Unskip(ItemCommand, tag="unskip"):
    """The item is in the running order again."""


class SetMinutes(ItemCommand, tag="minutes", kw_only=True):
    """The item has this much time on air, planned anew."""

    minutes: Minutes


class Insert(LiveCommand, tag="insert", kw_only=True):
    """A new item comes into the rundown, after the one named (default: at the end), with this host (default: the
    leading one)."""

    sku: Sku
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    price: Minor
    stock: Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000)]
    minutes: Minutes
    role: Role = Role.REGULAR
    host: Id | None = None
    after: Sku | None = None


class SetPolicy(Command, tag="policy", kw_only=True):
    """The engine goes by these values from now on; null brings a threshold back to what the show file says."""

    set: Annotated[dict[str, Any], msgspec.Meta(min_length=1, max_length=100)]


class Undo(Command, tag="undo"):
    """Takes the last `next` or `present` back."""


class End(Command, tag="end"):
    """The show is over."""


AnyCommand = (
    Start
    | Present
    | Next
    | Undo
    | Message
    | Accept
    | Dismiss
    | Snooze
    | Recall
    | Release
    | Order
    | Skip
    | Unskip
    | SetMinutes
    | Insert
    | SetPolicy
    | End
)
