"""The errors of Cueroom: a small tree. Expected bad input is a value, not one of these."""

from collections.abc import Sequence

from cueroom.show.rundown import Unchangeable


class CueroomError(Exception):
    """Something Cueroom cannot do now; its text is fit for the person who asked."""


class StoreUnavailable(CueroomError):
    """The store is down, loading, read-only or full. What was not acknowledged may be sent again."""


class StoreRefused(StoreUnavailable):
    """The store is there but does not let us in; that will not heal by waiting."""


class UnknownShow(CueroomError):
    """No show of that id was loaded."""

    def __init__(self, show: str) -> None:
        super().__init__(f"there is no show {show!r}; load it with `cueroom serve SHOWFILE`")


class OtherForm(CueroomError):
    """The store holds a show as another version of Cueroom keeps it."""

    def __init__(self, show: str) -> None:
        super().__init__(
            f"the store holds {show!r} as another version of Cueroom keeps it: write it out with that version's "
            f"`cueroom record {show}`, serve the show file with this one on an empty --data, and `cueroom replay` it"
        )


class CannotChange(CueroomError):
    """What is there already does not allow the change; `reasons` are the things that may not change any more."""

    def __init__(self, message: str, reasons: Sequence[Unchangeable] = ()) -> None:
        super().__init__(message)
        self.reasons = reasons


class NotLeading(CueroomError):
    """Another director leads this show now; this one must not write."""
