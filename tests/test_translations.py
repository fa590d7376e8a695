"""English is complete and in step with the code, French counts as French does, dates and figures read well."""

import ast
import re
from collections.abc import Iterator
from datetime import date, time, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import polib
import pytest
from django.urls import reverse
from django.utils import translation

from bagage.common import words
from bagage.common.codes import shown_code
from bagage.messaging.models import Message
from bagage.permanences.services import cancel_appointment
from bagage.permanences.words import moment
from bagage.referrals.services import receive_referral
from tests.messages import PACKAGE, catalogue, catalogue_path, english, extracted, french, key, untranslated
from tests.rights import all_rows
from tests.rights.world import World, build_world
from tests.strict import StrictClient

NBSP = "\u00a0"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]")


@pytest.fixture(scope="module")
def found() -> polib.POFile:
    """What the code says today."""
    return extracted()


def forms(entry: polib.POEntry) -> list[tuple[str, str]]:
    """Each sentence beside its translation."""
    if entry.msgid_plural:
        return [(entry.msgid, entry.msgstr_plural[0]), (entry.msgid_plural, entry.msgstr_plural[1])]
    return [(entry.msgid, entry.msgstr)]


# ---------- the catalogues ----------


def test_english_holds_every_sentence_of_the_code_and_no_other(found):
    assert {key(entry) for entry in catalogue("en")} == {key(entry) for entry in found}, "run make messages"


def test_english_leaves_no_sentence_empty_doubtful_or_obsolete():
    po = catalogue("en")
    assert (untranslated(po), po.fuzzy_entries(), po.obsolete_entries()) == ([], [], [])


def test_english_keeps_the_placeholders_of_each_sentence():
    wrong = [
        (source, said)
        for entry in catalogue("en")
        for source, said in forms(entry)
        if sorted(PLACEHOLDER.findall(source)) != sorted(PLACEHOLDER.findall(said))
    ]
    assert wrong == []


def test_english_keeps_the_tags_and_the_edges_of_each_sentence():
    """What stands around a sentence is glued to it: a space, a line break, a bold figure."""
    edges = re.compile(r"^\s*|\s*$")
    tags = re.compile(r"</?\w+>")
    wrong = [
        (source, said)
        for entry in catalogue("en")
        for source, said in forms(entry)
        if edges.findall(source) != edges.findall(said) or tags.findall(source) != tags.findall(said)
    ]
    assert wrong == []


def test_english_is_typed_as_english():
    """Curly quotes, and no space before a colon."""
    french_marks = re.compile(r"[«»\u00a0\u202f]| [:;?!]|\w'\w")
    assert [
        said for entry in catalogue("en") for _source, said in forms(entry) if french_marks.search(said)
    ] == []


def test_french_holds_only_what_changes_with_a_number(found):
    assert f"{catalogue('fr')}" == f"{french(found)}", "run make messages"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_catalogue_is_written_as_the_tool_writes_it(language):
    path, po = catalogue_path(language), catalogue(language)
    again = english(po, po) if language == "en" else french(po)
    assert path.read_text() == f"{again}"
    assert path.with_suffix(".mo").read_bytes() == again.to_binary(), "run make messages"


# ---------- what the tool would not see ----------

ASKING = {"_": 0, "gettext": 0, "gettext_lazy": 0, "gettext_noop": 0, "ngettext": 0, "ngettext_lazy": 0}
ASKING_IN_CONTEXT = {"pgettext": 1, "pgettext_lazy": 1, "npgettext": 1, "npgettext_lazy": 1}


def asked_for(path: Path) -> Iterator[tuple[int, str]]:
    """The sentences that a module asks to translate, as Python reads them."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", "") or getattr(node.func, "attr", "")
        place = {**ASKING, **ASKING_IN_CONTEXT}.get(name)
        if place is not None and len(node.args) > place:
            sentence = node.args[place]
            if isinstance(sentence, ast.Constant) and isinstance(sentence.value, str):
                yield node.lineno, sentence.value


def test_no_sentence_hides_from_the_tool(found):
    """It reads neither an f-string nor an escaped character: such a sentence would stay French for ever."""
    known = {entry.msgid for entry in found}
    hidden = [
        f"{path.relative_to(PACKAGE)}:{line}: {sentence}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for line, sentence in asked_for(path)
        if sentence not in known
    ]
    assert hidden == []


# ---------- numbers, dates, hours ----------


def test_day_and_hour_read_as_english():
    with translation.override("en"):
        said = [
            words.day(date(2026, 11, 24)),
            words.day(date(2026, 12, 1), year=True),
            words.day_short(date(2026, 12, 1)),
            words.hour(time(10, 30)),
            words.hour(time(14, 0)),
            words.hour(time(9, 5)),
            words.money(Decimal("1234.5")),
            words.joined(["tea", "bread", "milk"]),
            words.span(timedelta(days=1)),
            words.quoted("bread"),
            words.before_colon("Device"),
        ]
    assert said == [
        "Tuesday 24 November",
        "Tuesday 1 December 2026",
        "1 December",
        "10:30",
        "14:00",
        "9:05",
        "€1,234.50",
        "tea, bread and milk",
        "1 day",
        "“bread”",
        "Device:",
    ]


def test_day_and_hour_read_as_french():
    said = [
        words.day(date(2026, 11, 24)),
        words.hour(time(10, 30)),
        words.joined(["thé", "pain", "lait"]),
        words.quoted("du pain"),
        words.before_colon("Appareil"),
    ]
    assert said == [
        "mardi 24 novembre",
        f"10{NBSP}h{NBSP}30",
        "thé, pain et lait",
        f"«{NBSP}du pain{NBSP}»",
        f"Appareil{NBSP}:",
    ]


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("fr", ["0 personne", "1 personne", "2 personnes"]),
        ("en", ["0 people", "1 person", "2 people"]),
    ],
)
def test_zero_one_and_two_are_counted_as_the_language_counts(language, expected):
    with translation.override(language):
        said = [
            translation.ngettext("%(count)s personne", "%(count)s personnes", count) % {"count": count}
            for count in range(3)
        ]
    assert said == expected


# ---------- every page ----------

# Words that no English page holds, but for names, addresses and what persons said in their own words.
FRENCH = re.compile(
    r"\b(le|la|les|des|du|une|est|sont|pas|pour|avec|sans|vous|elle|qui|dans|cette|ce|aucun|aucune|voir|lieu|nom|"
    r"depuis|jusqu|mois|jours|prénom|téléphone|rendez-vous|aujourd|hier|demain|déjà|état|à|été|où)\b",
    re.IGNORECASE,
)
# Its samples are invented sales and sessions, in the language of those who will live them.
NOT_READ = {"common:gallery"}
# What the world of the tests wrote itself, the examples that are names, and what was written once for someone else to
# read: to whoever referred, to the person.
GIVEN = re.compile(
    r"Mairie du 14e|rue [\w’ -]+|Français|Je voudrais écrire à ma tante Philomène|\S+@\S+|"
    r"La Carte|[Pp]ack Mois|Carte du monde|Espace des droits|Zéphyrine a (reçu|une) [^.]+\.|"
    r"rien de complet pour l’instant, elle peut revenir|Votre rendez-vous du .* pour en prendre un autre\.|"
    # The headings of a file that was brought in.
    r"^(Prénom|Nom|Téléphone)( becomes)?$"
)


class _Text(HTMLParser):
    """What a page says: its text and what is read aloud, without what stands in another language."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self._skip = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        is_other = tag in {"script", "style", "q", "blockquote", "textarea"} or values.get("lang") == "fr"
        if is_other and not self._skip:
            self._skip = tag
        self.said += [values[name] or "" for name in ("aria-label", "placeholder", "title") if name in values]

    def handle_endtag(self, tag: str) -> None:
        if tag == self._skip:
            self._skip = ""

    def handle_data(self, data: str) -> None:
        if not self._skip and data.strip():
            self.said.append(data.strip())


PERSONAS = ("programme_lead_network", "adviser_here", "referrer_here")


@pytest.fixture
def world(db, now) -> World:
    return build_world(now)


def test_no_page_says_french_words_when_english_is_read(world):
    """Each page of the rights table, seen by who leads, who advises and who refers."""
    wrong, seen = set(), set()
    clients = {}
    for persona in PERSONAS:
        clients[persona] = StrictClient(headers={"accept-language": "en"})
        clients[persona].force_login(
            world.users[persona], backend="allauth.account.auth_backends.AuthenticationBackend"
        )
    for name, rows in sorted(all_rows().items()):
        for row in rows:
            if row.method != "get" or name in NOT_READ:
                continue
            address, query = reverse(name, kwargs=row.kwargs(world)), row.query(world)
            for persona in PERSONAS:
                if 200 not in (row.status_for(persona) or ()):
                    continue
                response = clients[persona].get(address, query)
                if response.status_code != 200 or not response.headers["Content-Type"].startswith(
                    "text/html"
                ):
                    continue
                seen.add(name)
                page = _Text()
                page.feed(response.content.decode())
                for text in page.said:
                    if FRENCH.search(GIVEN.sub("", text)):
                        wrong.add(f"{name}: {text[:120]}")
    assert wrong == set(), "\n".join(sorted(wrong))
    assert len(seen) > 50


# ---------- who reads is not who presses ----------


def test_message_is_written_for_who_reads_it_not_for_who_pressed(world):
    """An adviser who reads English cancels; the person, and the permanence's list, speak French."""
    with translation.override("en"):
        cancel_appointment(world.appointment, reason="", by=world.users["adviser_here"])
    told = Message.objects.get(about=f"appointment:{world.appointment.uuid}")
    assert told.body.splitlines()[0] == (
        f"Votre rendez-vous du {moment(world.appointment.starts_at)} est annulé. "
        "Rappelez-nous pour en prendre un autre."
    )


def test_referrer_is_told_in_the_language_of_the_account(world):
    adviser, referrer = world.users["adviser_here"], world.users["referrer_here"]
    referrer.email, referrer.language = "referrer@exemple.invalid", "en"
    referrer.save(update_fields=["email", "language"])
    world.referral.state, world.referral.person = "sent", None
    world.referral.save(update_fields=["state", "person"])
    receive_referral(world.referral, by=adviser)
    mail = Message.objects.get(about=f"referral:{world.referral.uuid}", to="referrer@exemple.invalid")
    assert mail.subject == f"Bagage: news of your referral {shown_code(world.referral.code)}"
