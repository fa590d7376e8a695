"""Room for all the calls of a page, taken once.

Python keeps what its calls need in pieces of 16 KB for each thread, and gives a piece back to the system as soon as the
call that asked for it has ended. A loop that stands at the end of a piece, say the questions of an interview in their
template, asks for the next one with each call: measured with 100,000 persons, that page took 38 ms of the processor
instead of 25, and others up to a seventh more, which ones depending on how deep the web server calls. A call that is as
large as all the others of a page has Python take a piece that holds them too.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from types import FunctionType
from typing import Any, ParamSpec, TypeVar

Given = ParamSpec("Given")
Answer = TypeVar("Answer")

# In places of eight bytes: a little over 64 KB. Pieces double in size, so it is taken from one of 128, and what it
# leaves, 60 KB, holds some two hundred calls.
PLACES = 8_300


def _call(call: Callable[..., Any], given: tuple[Any, ...], named: dict[str, Any]) -> Any:
    return call(*given, **named)


_call_with_room = FunctionType(_call.__code__.replace(co_stacksize=PLACES), globals(), "_call_with_room")


def with_room(call: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """The same call, above room for those that it makes."""

    def roomy(*given: Given.args, **named: Given.kwargs) -> Answer:
        return _call_with_room(call, given, named)  # type: ignore[no-any-return]

    return update_wrapper(roomy, call, updated=())
