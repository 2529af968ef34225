"""JSON logs without personal data: query strings and bodies never reach them."""

from typing import Any

import structlog


def drop_query(_logger: object, _name: str, event: dict[str, Any]) -> dict[str, Any]:
    """Cut the query string off a logged request line (it may hold what a user typed)."""
    for key in ("request", "path"):
        value = event.get(key)
        if value is not None:
            event[key] = str(value).split("?", 1)[0]
    event.pop("user_agent", None)
    return event


_shared: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure() -> None:
    """Let structlog hand its events to the standard library's handlers."""
    structlog.configure(
        processors=[
            *_shared,
            structlog.stdlib.filter_by_level,
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def config(level: str) -> dict[str, Any]:
    """Return the LOGGING dict: one JSON object a line on standard error."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    drop_query,
                    structlog.processors.JSONRenderer(ensure_ascii=False),
                ],
                "foreign_pre_chain": [*_shared, structlog.processors.format_exc_info],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django.request": {"level": "ERROR"},
            "django_structlog": {"level": level},
        },
    }
