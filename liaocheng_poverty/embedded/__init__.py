"""The embedded default: PostgreSQL and Redis from wheels, as child processes over unix sockets."""

from liaocheng_poverty.embedded.ensure import ensure

__all__ = ["ensure"]
