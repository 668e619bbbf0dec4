"""The errors that ReelOps raises on purpose.

ReelOpsError
  Invalid           the caller's input is wrong
  Unauthenticated   no or unknown credentials
  Forbidden         known caller, missing permission
  NotFound          no such resource
  Conflict          the resource is in another state
  TooLarge          past a size limit
  OutOfRange        bytes that a file does not have
  Exhausted         past a quota or rate
  Unavailable       a part is away for now; trying again later may help
    Unconfigured    it needs a setting that nobody has made
  Cancelled         somebody asked for it to stop
  Internal          our fault

They know neither HTTP nor gRPC: the RPC layer translates them once.
"""

from __future__ import annotations


class ReelOpsError(Exception):
    """An expected failure with a reason that machines read and a sentence that people read.

    `code` is UPPER_SNAKE and stable; `details` are short strings that go into `google.rpc.ErrorInfo.metadata`.
    """

    def __init__(self, code: str, message: str, **details: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.code, self.message, self.details))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.code!r}, {self.message!r})"


class Invalid(ReelOpsError):
    """The caller's input is wrong and would be wrong again."""


class Unauthenticated(ReelOpsError):
    """The caller showed no credentials, or unknown ones."""


class Forbidden(ReelOpsError):
    """The caller is known and may not do this."""


class NotFound(ReelOpsError):
    """The named resource does not exist."""


class Conflict(ReelOpsError):
    """The resource is in a state that does not allow this."""


class TooLarge(ReelOpsError):
    """The input is past a size limit."""


class OutOfRange(ReelOpsError):
    """The wanted bytes are not in the file; `details["size"]` says how many it has."""


class Exhausted(ReelOpsError):
    """The caller is past a quota or a rate."""


class Unavailable(ReelOpsError):
    """A part that is needed is away for now; the same call may succeed later."""


class Unconfigured(Unavailable):
    """Nobody has configured what this needs; trying again helps only after somebody did."""


class Cancelled(ReelOpsError):
    """The work was asked to stop."""


class Internal(ReelOpsError):
    """Something of ours is broken."""


def _rebuild(kind: type[ReelOpsError], code: str, message: str, details: dict[str, str]) -> ReelOpsError:
    return kind(code, message, **details)
