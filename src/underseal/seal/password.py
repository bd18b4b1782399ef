"""Hashes of passwords: argon2id, with what the library takes for enough (RFC 9106, 4)."""

from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

_HASHER: Final = PasswordHasher()


def hash_password(password: str) -> str:
    """Hash a password; that takes a tenth of a second and 64 MiB."""
    return _HASHER.hash(password)


def is_password(password: str, password_hash: str) -> bool:
    """Whether a password is the one that was hashed; takes as long as hashing it."""
    try:
        return _HASHER.verify(password_hash, password)
    except VerifyMismatchError:
        return False


def is_outdated(password_hash: str) -> bool:
    """Whether a password would be hashed otherwise today."""
    return _HASHER.check_needs_rehash(password_hash)
