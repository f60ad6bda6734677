"""Logs: one structured line an occurrence, always on standard error; standard output belongs to the answers."""

import logging
import sys
from typing import Literal

import structlog


def set_up_logs(level: str, form: Literal["auto", "console", "json"]) -> None:
    """Send structlog's lines and those of the libraries the same way. `auto` is for people on a terminal and for
    machines everywhere else."""
    console = form == "console" or (form == "auto" and sys.stderr.isatty())
    renderer = structlog.dev.ConsoleRenderer() if console else structlog.processors.JSONRenderer(ensure_ascii=False)
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if not console:
        shared.append(structlog.processors.format_exc_info)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    # uvicorn's lines about each connection and its own start-up would tell everything twice.
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    # uvicorn 0.54 takes every socket that we refuse with an answer of our own for one that was forgotten.
    # A stranger's garbage is counted, not logged: anyone could fill the disk with it.
    silenced = ("without completing handshake", "Invalid HTTP request received", "Invalid UTF-8 sequence received")
    logging.getLogger("uvicorn.error").addFilter(lambda line: not any(sign in line.getMessage() for sign in silenced))
