"""How sockets are closed: the codes of the contract, and what they mean."""

import msgspec

NO_STATUS = 1005
UNREADABLE = 1007
TOO_BIG = 1009
FAILED = 1011
RESTART = 1012
TRY_LATER = 1013
BROKEN_SEQUENCE = 4400
KEY_REVOKED = 4401
TAKEN_OVER = 4409

AT_ONCE = frozenset({TAKEN_OVER, KEY_REVOKED})
"""Codes after which nothing that had arrived is taken any more: its sender has lost the right to send it."""

REASON_BYTES = 123
"""What a close frame has room for (RFC 6455, section 5.5)."""


class Close(msgspec.Struct, frozen=True):
    """A close and its reason in words."""

    code: int
    reason: str

    @property
    def short_reason(self) -> str:
        """The reason, cut to what a close frame can carry."""
        return self.reason.encode()[:REASON_BYTES].decode(errors="ignore")
