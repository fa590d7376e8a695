"""Short codes that people read aloud and copy by hand: no letter that looks like another."""

import secrets

# Without 0 O, 1 I L, 5 S, 2 Z, U V: 25 signs. Six of them make 244 million codes.
ALPHABET = "ABCDEFGHJKMNPQRTWXY346789"
LENGTH = 6


def new_code(length: int = LENGTH) -> str:
    """A random code, without the space that shows it: ``"B7K4M6"``-like, from :data:`ALPHABET`."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def shown_code(code: str) -> str:
    """The code as it is printed, in groups of three: ``"B7K 4M6"``."""
    return " ".join(code[start : start + 3] for start in range(0, len(code), 3))


def read_code(text: str) -> str:
    """What a person typed, as the code it means: capitals, no spaces or dashes; ``""`` when it cannot be one."""
    cleaned = "".join(sign for sign in text.upper() if sign.isalnum())
    return cleaned if cleaned and all(sign in ALPHABET for sign in cleaned) else ""
