"""The errors of Cueroom: a small tree. Expected bad input is a value, not one of these."""


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


class CannotChange(CueroomError):
    """A show file was loaded again with a change that what was counted does not allow."""


class NotLeading(CueroomError):
    """Another director leads this show now; this one must not write."""
