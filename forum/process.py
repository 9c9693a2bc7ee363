"""The settings of this process, for those who may not know the web."""

from __future__ import annotations

from typing import cast

from flask import current_app

from forum.config import Settings


def settings() -> Settings:
    """Return the settings of this process."""
    return cast(Settings, current_app.extensions["forum"])


def checks_outside() -> bool:
    """Tell whether a program elsewhere is asked about comments before they are published."""
    return bool(settings().check_url)


def offers_mail() -> bool:
    """Tell whether this site sends mail. Nothing that needs mail is offered where it does not."""
    return bool(settings().smtp_url)
