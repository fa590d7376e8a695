"""The one family of refusals. Each says why and what can be done, in the words the screen shows."""

from django.utils.functional import Promise


class BusinessError(Exception):
    """A rule refuses what was asked; nothing was written.

    ``message`` is shown as it is: as a form error, as a toast (422) or as an API problem document.
    ``field`` names the field of the form at fault, or is empty for the whole.
    """

    status = 422

    def __init__(self, message: "str | Promise", *, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field

    def __str__(self) -> str:
        return str(self.message)


class Conflict(BusinessError):
    """Someone else was faster: the slot is taken, the step was already made."""

    status = 409


class FormUsed(Conflict):
    """The form was sent before, and now says something else: sending it again needs a key of its own."""


class TooMany(BusinessError):
    """Asked too often; the message says when to try again."""

    status = 429
