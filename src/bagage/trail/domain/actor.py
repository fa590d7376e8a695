"""Who did it."""

from dataclasses import dataclass
from typing import ClassVar, Protocol, Self


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, as an opaque reference such as ``"user:1b9d…"`` or ``"system:outbox"``.

    ``kind`` is ``user`` (a staff account), ``link`` (someone who came by a signed link or an organisation's link,
    without an account), ``person`` (the person herself) or ``system`` (a job).
    """

    kind: str
    id: str

    KINDS: ClassVar[tuple[str, ...]] = ("user", "link", "person", "system")

    def __post_init__(self) -> None:
        if self.kind not in self.KINDS:
            raise ValueError(f"unknown kind of actor: {self.kind!r}")

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"

    @classmethod
    def system(cls, job: str) -> Self:
        """A job of the machine, by its name."""
        return cls("system", job)

    @classmethod
    def link(cls, id: str) -> Self:
        """Someone without an account who holds a link; ``id`` is the uuid of what the link opens."""
        return cls("link", id)


class HasActor(Protocol):
    """A staff account, as activities below accounts know one."""

    @property
    def actor(self) -> Actor:
        """Her reference in the trail."""


def actor_of(by: HasActor | Actor) -> Actor:
    """The reference of whoever acts, given as an account or already as one."""
    return by if isinstance(by, Actor) else by.actor
