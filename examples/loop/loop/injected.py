"""What handlers are given."""

from typing import Any, TypeAlias, TypeVar

from litestar import Request
from litestar.params import SkipValidation

T = TypeVar("T")

Injected: TypeAlias = SkipValidation[T]
"""Something of Loop's own: the site, the visitor, the signed-in person, the listener."""

AnyRequest: TypeAlias = Request[Any, Any, Any]
