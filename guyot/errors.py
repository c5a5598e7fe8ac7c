"""The exceptions of Guyot.

GuyotError
├── SettingError      a setting, recipe or argument that cannot be met       (ValueError)
├── ArrayError        an array of the wrong shape, dtype or content          (ValueError)
├── MissingError      something asked for that the lake does not hold        (LookupError)
├── CorruptError      stored bytes that do not match their manifest          (RuntimeError)
├── UnreachableError  a place that failed to answer, after all retries       (RuntimeError)
├── UnwritableError   a place that is full, read-only or closed              (RuntimeError)
└── EvaluationError   a metric that could not be computed, never a zero      (RuntimeError)

Each message states what was requested, what was found and what to change, with numbers.
"""


class GuyotError(Exception):
    """Anything Guyot raises on purpose."""


class SettingError(GuyotError, ValueError):
    """A setting, recipe or argument that cannot be met."""


class ArrayError(GuyotError, ValueError):
    """An array of the wrong shape, dtype or content."""


class MissingError(GuyotError, LookupError):
    """Something asked for that the lake does not hold."""


class CorruptError(GuyotError, RuntimeError):
    """Stored bytes that do not match their manifest."""


class UnreachableError(GuyotError, RuntimeError):
    """A place that failed to answer, after all retries."""


class UnwritableError(GuyotError, RuntimeError):
    """A place that takes no files: it is full, read-only, or closed to this user."""


class EvaluationError(GuyotError, RuntimeError):
    """A metric that could not be computed; it never becomes a zero."""


def first_line(error: BaseException) -> str:
    r"""Return the first line of an error's message, or its name where it has none.

    Examples
    --------
    >>> first_line(OSError("away\nsince noon")), first_line(OSError())
    ('away', 'OSError')
    """
    return (str(error).strip() or type(error).__name__).splitlines()[0]
