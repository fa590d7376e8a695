"""Which facts of a person are shown to whom: one table, asked by screens, lists, files, papers and programs.

A fact is shown when something opens it: an ability that the reader holds at a node that follows the person now, or a
tie of the reader with her. What is opened by nothing that the reader has is withheld, wherever it would have stood.
Source: rule 6 of ``mission.md`` (staff see what their role needs) and the roles of ``accounts/domain/roles.py``.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from bagage.accounts.domain.roles import ABILITIES, Ability, Role


class Field(StrEnum):
    """A group of facts that are shown, or withheld, together; each table that holds some names its group."""

    CALLED = "called"  # what she wants to be called, and the first letter of her family name
    NAME = "name"  # her family name
    CARD = "card"  # the code of her card
    BIRTH = "birth"  # year, date, age
    LANGUAGES = "languages"  # what she speaks, and whether one says she or he
    WHERE = "where"  # where she lives
    NAMES = "names"  # other names, numbers in other files, files marked as hers
    REACH = "reach"  # how she is reached and through whom, without a number
    PHONE = "phone"  # the number itself
    HOUSEHOLD = "household"  # with whom she lives
    AGREEMENTS = "agreements"  # what she was told, agreed to, refused
    OBSTACLES = "obstacles"  # account, address, mailbox, papers, reading
    NOTE = "note"  # the note of her file
    FROZEN = "frozen"  # what she contests
    PAPERS = "papers"  # bills, signed terms, letters
    FOLLOWED = "followed"  # which places follow her, who asked to open her file, who read it
    REQUESTS = "requests"  # what she asks for, in her words
    BAG = "bag"  # the three pockets: full, half, empty, unknown
    EVIDENCE = "evidence"  # what was said at the interview or seen behind each pocket, and what she can do
    WELCOME = "welcome"  # the three questions of reception
    STEPS = "steps"  # that something took place, on which day, with whom; not what was said
    COMING = (
        "coming"  # the appointment or the place in the queue that binds her to the reader: when, about what
    )
    APPOINTMENTS = "appointments"  # all her appointments, seats in sessions, passages
    EXIT = "exit"  # why her journey ended, and what she said months later
    REFERRAL = "referral"  # what was written of her before she came
    NEWS = "news"  # what her referrer is told became of it: appointment, came, left with what
    ONWARD = "onward"  # where she was sent on, and what came of it
    LINES = "lines"  # her lines
    ADVICE = "advice"  # what she pays, and what was advised
    PURCHASES = "purchases"  # rights at the counter, and what she bought
    DEVICES = "devices"  # what is kept for her, what she holds
    DEVICE_NOTES = "device_notes"  # the road of a device, whoever has it
    STOCK_NOTES = "stock_notes"  # why a stock was counted otherwise
    MESSAGES = "messages"  # what was sent to her
    IMPORTED = "imported"  # the row of the spreadsheet that brought her in


class Tie(StrEnum):
    """What binds a reader to a person beside a role at a node that follows her."""

    FOR_A_WHILE = (
        "for_a_while"  # she is booked or queued with the reader, from the day before to the day after
    )
    REFERRED = "referred"  # the reader wrote her referral
    HEARS = "hears"  # the reader wrote her referral, and she agrees that the reader hears what becomes of it


Opener = Ability | Tie

_READERS = frozenset[Opener]({Ability.READ_FILE})
_ADVISERS = frozenset[Opener]({Ability.READ_DIAGNOSIS})
_WHO_LOOKS_UP = frozenset[Opener]({Ability.LOOK_UP})
_WHO_RECEIVES = frozenset[Opener]({Ability.RECEIVE})

OPENED_BY: dict[Field, frozenset[Opener]] = {
    Field.CALLED: _READERS | {Ability.WELCOME, Ability.KEEP_PRIVACY, Tie.FOR_A_WHILE, Tie.REFERRED},
    Field.NAME: _READERS | {Ability.KEEP_PRIVACY},
    # Who keeps devices knows by the code with whom they are, without a name.
    Field.CARD: _READERS | {Ability.KEEP_PRIVACY, Ability.SEE_DEVICES},
    Field.BIRTH: _READERS,
    Field.LANGUAGES: _READERS,
    Field.WHERE: _READERS,
    Field.NAMES: _WHO_LOOKS_UP,
    Field.REACH: _READERS,
    Field.PHONE: _WHO_LOOKS_UP,
    Field.HOUSEHOLD: _READERS,
    Field.AGREEMENTS: _READERS,
    Field.OBSTACLES: _ADVISERS,
    Field.NOTE: _ADVISERS,
    Field.FROZEN: _READERS | {Ability.KEEP_PRIVACY},
    Field.PAPERS: _WHO_RECEIVES,
    Field.FOLLOWED: _READERS,
    Field.REQUESTS: _READERS | {Tie.FOR_A_WHILE},
    Field.BAG: _READERS | {Tie.FOR_A_WHILE},
    Field.EVIDENCE: _ADVISERS,
    Field.WELCOME: _WHO_RECEIVES | {Ability.INTERVIEW},
    Field.STEPS: _READERS,
    Field.COMING: _READERS | {Tie.FOR_A_WHILE},
    Field.APPOINTMENTS: _READERS,
    Field.EXIT: _ADVISERS,
    Field.REFERRAL: _WHO_RECEIVES | {Tie.REFERRED},
    Field.NEWS: _WHO_RECEIVES | {Tie.HEARS},
    Field.ONWARD: _READERS,
    Field.LINES: _READERS,
    Field.ADVICE: _ADVISERS,
    Field.PURCHASES: _READERS,
    Field.DEVICES: _READERS,
    Field.DEVICE_NOTES: frozenset({Ability.SEE_DEVICES}),
    Field.STOCK_NOTES: frozenset({Ability.SELL, Ability.KEEP_STOCK}),
    Field.MESSAGES: frozenset({Ability.TELL}),
    Field.IMPORTED: _WHO_LOOKS_UP,
}


class Why(StrEnum):
    """Why a fact is shown, or withheld."""

    ROLE = "role"  # shown: a role of the reader, where she is followed
    TIE = "tie"  # shown: she is booked with the reader, or the reader referred her
    NOT_FOLLOWED = "not_followed"  # withheld: no role of the reader stands where she is followed
    NOT_THIS_ROLE = "not_this_role"  # withheld: the roles that the reader has there do not need it
    NOT_AGREED = "not_agreed"  # withheld: the reader referred her, and she does not agree


@dataclass(frozen=True, slots=True)
class Sight:
    """What a reader is to a person at one moment, and so what is shown: pure, no question to a table.

    ``abilities`` are those held at the nodes that follow her now, ``ties`` what else binds the reader to her.
    """

    abilities: frozenset[Ability] = frozenset()
    ties: frozenset[Tie] = frozenset()

    def shows(self, field: Field) -> bool:
        """Whether this fact is shown."""
        return not OPENED_BY[field].isdisjoint(self.abilities | self.ties)

    def shows_all(self, fields: Iterable[Field]) -> bool:
        """Whether every one of these is."""
        return all(self.shows(field) for field in fields)

    @property
    def fields(self) -> frozenset[Field]:
        """All that is shown, for a template: ``{% if "birth" in sees %}``."""
        return frozenset(field for field in Field if self.shows(field))

    def why(self, field: Field) -> Why:
        """Why it is shown, or why not."""
        opened = OPENED_BY[field]
        if opened & self.abilities:
            return Why.ROLE
        if opened & self.ties:
            return Why.TIE
        if Tie.HEARS in opened and Tie.REFERRED in self.ties:
            return Why.NOT_AGREED
        return Why.NOT_THIS_ROLE if self.abilities or self.ties else Why.NOT_FOLLOWED


def sight_of_role(role: Role, *ties: Tie) -> Sight:
    """What a role alone sees of a person whom its node follows."""
    return Sight(ABILITIES[role], frozenset(ties))
