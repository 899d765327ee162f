"""The one error that is the user's to mend."""


class UserError(ValueError):
    """Bad input: one line that names the file or key, what was found and what is allowed.

    Stages print it without a traceback and exit with code 2 (see `pipeline.stage.command`).
    """
