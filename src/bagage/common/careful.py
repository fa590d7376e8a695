"""What a note had better not hold: words that judge, and what the law sets apart.

A note keeps facts: what took place, what she asks for, what is agreed. This says gently, while it is typed, what a
rereading would say too late. It never refuses a text, and it is no filter: a fact may have to be written, and most that
hurts is written with other words.

Sources: GDPR, articles 9 (health, origin, religion, opinions, sexual life) and 10 (offences); CNIL, free comment fields
(« zones de commentaires »: objective, never excessive or insulting); law 78-17, article 1.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum


class Matter(StrEnum):
    """What a word is about."""

    JUDGES = "judges"
    HEALTH = "health"
    RELIGION = "religion"
    ORIGIN = "origin"
    POLICE = "police"
    PRIVATE = "private"


@dataclass(frozen=True, slots=True)
class Caution:
    """A word as it was written, and what it is about."""

    word: str
    matter: Matter


# Whole words without accents; ``…`` stands for any ending. In French and in English, as people write in a hurry. Left
# out on purpose: what is often said of something else ("noir" of a telephone, "sale" in "salle", "arabe" of a language,
# "papiers" and "lire", which the file asks of itself).
WORDS: dict[Matter, str] = {
    Matter.JUDGES: """
        agressif agressive menteur menteuse mythomane paresseu… faineant… feignant… stupide… idiot… imbecile… debile…
        folle fou cingle… penible… insupportable… profiteu… ingrat… incapable… hysterique… capricieu… manipulateur
        manipulatrice irresponsable… immature… sournois… louche cassos cas_social cas_sociaux mauvaise_foi
        mauvaise_volonte mauvaise_mere mauvais_pere aucun_effort aucune_volonte pas_motive… fait_semblant
        abuse_du_systeme ne_veut_rien_faire lazy liar… crazy stupid hopeless manipulative bad_faith
    """,
    Matter.HEALTH: """
        depress… schizo… bipolaire… psychiatr… psychotique… psychose paranoia… paranoiaque… autis… trisomi… dement…
        demence alzheimer epilep… cancer… vih sida hiv seropositi… hepatite… tubercul… diabet… enceinte grossesse
        avortement handicap… invalidite maladie… malade… hospitalis… medicament… traitement_medical suicid…
        alcoolique… alcoolisme alcoolise… ivrogne… ivre… toxico… drogue… addict… cocaine cannabis therapie
        pregnant depressed disabled disability illness drunk alcoholic
    """,
    Matter.RELIGION: """
        musulman… islam… catholique… chretien… juif juive juifs juives protestant… evangeliste… bouddhist… hindou…
        athee… ramadan mosquee synagogue voilee… temoin_de_jehovah temoins_de_jehovah muslim jewish catholic religio…
    """,
    Matter.ORIGIN: """
        race… racial… ethni… rom roms tsigane… gitan… manouche… romanichel… africain… maghrebin… asiatique… un_arabe
        une_arabe d_origine couleur_de_peau de_couleur immigre… clandestin… sang_mele metis… gypsy illegal_immigrant
    """,
    Matter.POLICE: """
        police gendarme… gendarmerie garde_a_vue prison… incarcer… detenu… ecrou condamn… casier_judiciaire
        delinquan… delit… bracelet_electronique sous_controle_judiciaire sursis oqtf fiche_s jail arrested convicted
        criminal_record
    """,
    Matter.PRIVATE: """
        homosexuel… lesbienne… gay gays bisexuel… transgenre… transsexuel… orientation_sexuelle vie_sexuelle prostitu…
        syndiqu… syndicaliste… parti_politique vote_pour union_member political_opinion
    """,
}
# What takes the same word and says something else.
EXCEPT = re.compile(
    r"police d assurance|police de caracteres?|cd rom|carte rom|non condamne|"
    r"(?:pays|ville|langue|numero|operateur|emballage|chargeur|systeme) d origine|fou de joie|fou rire|prix fou"
)
LONGEST = 2000
SHOWN = 4


def _pattern(words: str) -> str:
    return "|".join(
        re.escape(word).replace("_", " ").replace("…", r"\w*")
        for word in sorted(words.split(), key=len, reverse=True)
    )


_PATTERN = re.compile(
    r"(?<!\w)(?:"
    + "|".join(f"(?P<{matter}>{_pattern(words)})" for matter, words in WORDS.items())
    + r")(?!\w)"
)


def _plain(text: str) -> str:
    """Small letters without accents, a space for what is no letter: as long as the text, sign for sign."""
    plain = []
    for sign in text:
        base = unicodedata.normalize("NFKD", sign)[:1].lower()
        plain.append(base if len(base) == 1 and base.isalnum() else " ")
    return "".join(plain)


def cautions(text: str) -> list[Caution]:
    """What a rereading would stop at, in the order of the text, each word once, at most :data:`SHOWN`."""
    text = text[:LONGEST]
    plain = _plain(text)
    spared = [match.span() for match in EXCEPT.finditer(plain)]
    found: dict[str, Caution] = {}
    for match in _PATTERN.finditer(plain):
        start, end = match.span()
        if any(first <= start and end <= last for first, last in spared):
            continue
        matter = Matter(str(match.lastgroup))
        found.setdefault(match.group(), Caution(text[start:end], matter))
        if len(found) == SHOWN:
            break
    return list(found.values())
