"""Fetch a data set with git: there whole, or not there."""

import os
import shutil
import subprocess
from pathlib import Path

from pipeline.images.whole import whole_folder
from pipeline.stage.errors import UserError


def fetch(url: str, target: Path) -> Path:
    """Clone the newest commit of `url` into `target`, unless it is there already.

    Git cannot continue a broken clone, so a fetch that was interrupted starts clean, see `whole`.

    Args:
        url: anything `git clone` takes.
        target: folder that will hold the files.

    Returns:
        `target`.

    Raises:
        UserError: git is missing or failed; git's own words are on standard error.
    """
    if target.is_dir():
        return target
    with whole_folder(target) as folder:
        _clone(url, folder)
        shutil.rmtree(folder / ".git")  # the history is as large as the files
    return target


def _clone(url: str, folder: Path) -> None:
    command = ["git", "clone", "--depth", "1", "--progress", "--", url, str(folder)]
    # Never wait for a password nobody is there to type.
    environment = os.environ | {"GIT_TERMINAL_PROMPT": "0"}
    try:
        result = subprocess.run(command, check=False, env=environment)
    except FileNotFoundError:
        raise UserError("git: not found; install it, or set data.root to a local copy") from None
    if result.returncode != 0:
        raise UserError(
            f"data.url: git could not fetch {url} (exit code {result.returncode}, its message is "
            "above); try again, or set data.root to a local copy"
        )
