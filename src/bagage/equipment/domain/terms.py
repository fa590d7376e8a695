"""What a person accepts with a device, in plain sentences with a picture each, by version and language.

Kept here and not among the translated words of the screens: what she accepted must read the same in two years.
A changed sentence is a new version; the old ones stay. A language is added only when someone who speaks it has read
it: French and English for now.

Between braces stands what differs: ``{price}``, ``{months}``, ``{until}``.
"""

from __future__ import annotations

from dataclasses import dataclass

VERSION = "2026-11"
FRENCH, ENGLISH = "fr", "en"
# In the order in which they are offered, each in its own words.
LANGUAGES: dict[str, str] = {FRENCH: "Français", ENGLISH: "English"}


# What stands around them on her half of the screen.
TITLES = {FRENCH: "Ce que vous acceptez", ENGLISH: "What you agree to"}
PLAIN = {
    FRENCH: "Écrit selon des règles de langage clair. Le papier dit la même chose.",
    ENGLISH: "Written following plain-language rules. The paper says the same.",
}
LISTEN = {FRENCH: "Écouter, 1 minute", ENGLISH: "Listen, 1 minute"}


@dataclass(frozen=True, slots=True)
class Term:
    """One sentence with its picture, and the one that explains it. ``is_refusal``: something that is not done."""

    icon: str
    strong: str
    text: str
    is_refusal: bool = False


# The device in the sentence that says whose it is, and its picture.
_OWN = {
    FRENCH: {
        "smartphone": "Ce téléphone est à vous.",
        "laptop": "Cet ordinateur est à vous.",
        "tablet": "Cette tablette est à vous.",
        "desktop": "Cet ordinateur est à vous.",
    },
    ENGLISH: {
        "smartphone": "This phone is yours.",
        "laptop": "This computer is yours.",
        "tablet": "This tablet is yours.",
        "desktop": "This computer is yours.",
    },
}
_ICONS = {"smartphone": "smartphone", "laptop": "laptop", "tablet": "tablet", "desktop": "monitor"}

_TERMS = {
    "2026-11": {
        FRENCH: {
            "keep": "Vous pouvez le garder pour toujours.",
            "keep_tablet": "Vous pouvez la garder pour toujours.",
            "pay": ("Vous payez {price}.", "Vous payez une seule fois."),
            "free": ("Vous ne payez rien.", "Personne ne doit vous demander d’argent pour l’avoir."),
            "warranty": ("La garantie dure {months} mois.", "Jusqu’au {until}, la réparation est gratuite."),
            "no_warranty": (
                "Il n’y a pas de garantie.",
                "S’il y a une panne, venez : nous cherchons avec vous.",
            ),
            "fall": (
                "Une chute ou de l’eau, ce n’est pas garanti.",
                "Venez quand même, nous cherchons avec vous.",
            ),
            "resell": (
                "Vous ne le vendez pas avant {months} mois.",
                "Si vous n’en avez plus besoin, rapportez-le.",
            ),
            "resell_tablet": (
                "Vous ne la vendez pas avant {months} mois.",
                "Si vous n’en avez plus besoin, rapportez-la.",
            ),
            "secret": ("Votre code est secret.", "Ne le donnez à personne, même pas à nous."),
        },
        ENGLISH: {
            "keep": "You can keep it for ever.",
            "keep_tablet": "You can keep it for ever.",
            "pay": ("You pay {price}.", "You pay only once."),
            "free": ("You pay nothing.", "Nobody may ask you for money to have it."),
            "warranty": ("The warranty lasts {months} months.", "Until {until}, repairs are free."),
            "no_warranty": ("There is no warranty.", "If it breaks, come: we look for a way with you."),
            "fall": ("A fall or water is not covered.", "Come all the same, we look for a way with you."),
            "resell": ("You do not sell it for {months} months.", "If you no longer need it, bring it back."),
            "resell_tablet": (
                "You do not sell it for {months} months.",
                "If you no longer need it, bring it back.",
            ),
            "secret": ("Your code is secret.", "Give it to nobody, not even to us."),
        },
    }
}


def terms_for(
    kind: str, *, version: str, language: str, price: str, months: int, until: str
) -> tuple[Term, ...]:
    """The terms in words; ``price`` (``""`` when it costs nothing) and ``until`` are written in that language."""
    words = _TERMS[version][language]
    tablet = "_tablet" if kind == "tablet" else ""
    values = {"price": price, "months": months, "until": until}

    def said(icon: str, name: str, *, is_refusal: bool = False) -> Term:
        strong, text = words[name]
        return Term(icon, strong.format(**values), text.format(**values), is_refusal)

    keep = words[f"keep{tablet}"]
    assert isinstance(keep, str)
    found = [
        Term(_ICONS[kind], _OWN[language][kind], keep),
        said("coins", "pay") if price else said("coins", "free"),
        said("shield-check", "warranty") if months else said("shield-check", "no_warranty"),
        said("hammer", "fall"),
    ]
    if months:
        found.append(said("banknote-x", f"resell{tablet}", is_refusal=True))
    found.append(said("key-round", "secret"))
    return tuple(found)
