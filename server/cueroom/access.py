"""Access: keys by show and role, and who may do what with them."""

import msgspec


class KeyRecord(msgspec.Struct, frozen=True):
    """A key as it is kept: its public id, its role, the SHA-256 of its secret, and when it was made and ends (ms)."""

    id: str
    role: str
    digest: str
    created_at: int
    expires_at: int
