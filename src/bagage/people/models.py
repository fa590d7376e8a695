"""Persons and what is known of them. Facts are dated and never edited: a newer one speaks louder."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any, ClassVar

from django.db import models
from django.db.models import BigIntegerField, Case, Exists, F, OuterRef, Q, When
from django.db.models.sql.compiler import SQLCompiler
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import Organisation, User
from bagage.common.models import PublicId
from bagage.common.prepared import prepared


class PersonQuerySet(models.QuerySet["Person"]):
    """Filters on persons. ``visible_to`` is the only door to a file."""

    def whole(self) -> PersonQuerySet:
        """Without the files that were marked as another's, and without erased ones."""
        return self.filter(merged_into=None, erased_at=None)

    def followed_in(self, node_ids: Iterable[int], now: datetime) -> PersonQuerySet:
        """Followed now by one of these nodes, herself or by a file that was marked as hers."""
        return self.filter(followed_by(node_ids, now))

    def visible_to(self, user: User, now: datetime | None = None) -> PersonQuerySet:
        """The persons whose file this user may open.

        Those followed by a node where a role of hers reads files, and those whom an activity above adds for a while
        (:data:`EXTRA_VISIBILITY`: a volunteer sees those booked or queued with her). Nothing else decides who
        sees whom.
        """
        now = now or timezone.now()
        condition = followed_by(user.node_ids(Ability.READ_FILE), now)
        for extra in EXTRA_VISIBILITY:
            condition |= extra(user, now)
        return self.filter(condition)


# Activities above add what lets someone see a person for a while: (user, now) -> condition on Person.
EXTRA_VISIBILITY: list[Callable[[User, datetime], Q]] = []


def followed_by(node_ids: Iterable[int], now: datetime, of: str = "pk") -> Q:
    """Condition: the file named by ``of`` is followed now by one of the nodes, or a file that was marked as hers is.

    Written so that both databases go from the file to who follows it, never through all that a node follows.
    """
    current = Following.objects.current(now).filter(node_id__in=list(node_ids), person=OuterRef(of))
    of_same = Following.objects.current(now).filter(node_id__in=list(node_ids), person=OuterRef("pk"))
    # Few files are marked: said so, PostgreSQL reads those alone, and not all persons, where it asks once for all.
    same = Person.objects.filter(Exists(of_same), merged_into=OuterRef(of), merged_into__isnull=False)
    return Q(AskedOfEach(current)) | Q(Exists(same))


class AskedOfEach(Exists):
    """Asked of one row after the other, as they come, on PostgreSQL too.

    Left to choose, it prepares for a question about every file: it reads all that the nodes follow, and only then
    looks at the first of those that a page shows. A question with ``OFFSET`` is left as it is written.
    """

    def as_postgresql(self, compiler: SQLCompiler, connection: Any) -> Any:
        return self.as_sql(compiler, connection, template="EXISTS(%(subquery)s OFFSET 0)")


def kept_file(of: str = "person") -> Case:
    """The key of the file that is kept of the person behind a relation: that of the one it was marked as, or its own.

    Not ``Coalesce``: PostgreSQL does not look behind row-level security with it, and would read all persons instead.
    """
    return Case(
        When(**{f"{of}__merged_into__isnull": False}, then=F(f"{of}__merged_into_id")),
        default=F(f"{of}_id"),
        output_field=BigIntegerField(),
    )


def is_followed(person: int, node_ids: Iterable[int], now: datetime) -> bool:
    """Whether one of the nodes follows this file now, or a file that was marked as hers. One query."""
    return bool(_followed_one(person, sorted(node_ids), now))


def is_visible_to(user: User, person: int, now: datetime | None = None) -> bool:
    """Whether this user may open this file: what :meth:`PersonQuerySet.visible_to` says of one.

    One query for someone whom a node of hers follows, which is nearly everyone that is opened; only of the others are
    those asked whom :data:`EXTRA_VISIBILITY` adds, which costs ten times as much to say.
    """
    now = now or timezone.now()
    nodes = user.node_ids(Ability.READ_FILE)
    if nodes and is_followed(person, nodes, now):
        return True
    return Person.objects.visible_to(user, now).filter(pk=person).exists()


@prepared
def _followed_one(person: int, nodes: Iterable[int], now: datetime) -> models.QuerySet[Person, int]:
    return Person.objects.filter(followed_by(nodes, now), pk=person).values_list("pk", flat=True)


class Person(PublicId):
    """Someone who is welcomed. A chosen name is enough; nothing else is ever required.

    ``chosen_name`` is what she wants to be called, ``family_name`` only if she wants to give it; other spellings and
    scripts stand in :class:`PersonName`. ``code`` is on her card (:class:`CardCode` keeps all that were ever issued).
    Birth: a year, maybe "about", or a date. ``merged_into`` says that this file and that one are the same
    person: no row of another table is repointed, so separating them again is clearing it. It always names the file
    that is kept in the end, however many were marked one after the other; :class:`Merge` keeps each step.
    """

    class Grammar(models.TextChoices):
        """How to speak of her on screen; unknown makes neutral sentences."""

        SHE = "she", _("elle")
        HE = "he", _("il")
        UNKNOWN = "", _("on ne sait pas")

    code = models.CharField(max_length=8, unique=True)
    chosen_name = models.CharField(max_length=80)
    family_name = models.CharField(max_length=80, blank=True)
    grammar = models.CharField(max_length=4, choices=Grammar, blank=True, default=Grammar.UNKNOWN)
    birth_year = models.PositiveSmallIntegerField(null=True, blank=True)
    is_birth_year_about = models.BooleanField(default=False)
    birth_date = models.DateField(null=True, blank=True)
    languages = models.CharField(max_length=120, blank=True)
    where = models.CharField(max_length=160, blank=True)
    commune_code = models.CharField(max_length=5, blank=True)
    note = models.TextField(blank=True)
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="same_persons", db_index=False
    )
    created_at = models.DateTimeField()
    last_contact_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True, blank=True)

    objects = PersonQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(chosen_name="") | Q(erased_at__isnull=False), name="people_person_has_a_name"
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=models.F("id")),
                name="people_person_not_merged_into_herself",
            ),
            models.CheckConstraint(
                condition=Q(birth_year=None) | Q(birth_year__range=(1900, 2100)),
                name="people_person_birth_year",
            ),
        ]
        indexes = [
            models.Index(fields=["chosen_name", "family_name"], name="people_person_name"),
            models.Index(
                fields=["-created_at"],
                condition=Q(merged_into__isnull=True, erased_at__isnull=True),
                name="people_person_newest",
            ),
            models.Index(
                fields=["birth_year"],
                condition=Q(merged_into__isnull=True, erased_at__isnull=True),
                name="people_person_birth",
            ),
            # Few files are marked: without the others, the index says so to the planner of SQLite.
            models.Index(
                fields=["merged_into"], condition=Q(merged_into__isnull=False), name="people_person_marked"
            ),
        ]

    def __str__(self) -> str:
        return str(self.uuid)

    @property
    def full_name(self) -> str:
        """What she is called, then her family name if she gave one; that she was erased, for lists of what was done."""
        return f"{self.chosen_name} {self.family_name}".strip() or str(_("personne effacée"))

    @property
    def short_name(self) -> str:
        """For lists that others may see over a shoulder: "Fanta D."."""
        if not self.chosen_name:
            return self.full_name
        return f"{self.chosen_name} {self.family_name[:1]}.".strip(" .") + ("." if self.family_name else "")


class NamesThatStand(models.Manager["PersonName"]):
    """Without those that were taken out: they find nobody, and stand in no list."""

    def get_queryset(self) -> models.QuerySet[PersonName]:
        return super().get_queryset().filter(removed_at=None)


class PersonName(models.Model):
    """Another spelling, script, nickname or earlier name, as it was said or written.

    ``removed_at``: it was noted by mistake, and can be put back; ``objects`` leaves it out, ``noted`` holds all.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="names")
    text = models.CharField(max_length=160)
    kind = models.CharField(
        max_length=12,
        choices=[
            ("main", _("nom")),
            ("spelling", _("autre écriture")),
            ("nickname", _("surnom")),
            ("paper", _("sur un papier")),
            ("former", _("ancien nom")),
        ],
        default="spelling",
    )
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = NamesThatStand()
    noted: ClassVar[models.Manager[PersonName]] = models.Manager()

    def __str__(self) -> str:
        return self.kind


class NameKey(models.Model):
    """What look-up compares: one row for each word of each name, folded; rebuilt from her file at any time.

    ``word`` is the word in plain letters ("fatoumata"), ``sound`` how it sounds to a French ear, ``skeleton`` its
    consonants, after "~" when it was written without vowels (Arabic, Hebrew). Rows of the words of where she lives
    stand beside them (``is_place``). The year of birth is repeated, so that one common name is told from another
    without reading the files.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="name_keys")
    word = models.CharField(max_length=60)
    sound = models.CharField(max_length=20)
    skeleton = models.CharField(max_length=12, blank=True)
    is_place = models.BooleanField(default=False)
    birth_year = models.PositiveSmallIntegerField(null=True, blank=True)

    def __str__(self) -> str:
        return self.sound


class CardCode(models.Model):
    """A code that was printed for her, on a slip or a card; a lost card's code is ended, not forgotten."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="card_codes")
    code = models.CharField(max_length=8, unique=True)
    issued_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.code


class ContactWay(PublicId):
    """A way to reach her. "Not at all" is a way too: a paper slip with a code.

    A shared phone gets discreet messages: neither the service nor the reason is named.
    """

    class Kind(models.TextChoices):
        """How."""

        SMS = "sms", _("SMS")
        CALL = "call", _("Appel")
        REFERRER = "referrer", _("Par qui l’oriente")
        PAPER = "paper", _("Papier seulement")

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="contact_ways")
    kind = models.CharField(max_length=10, choices=Kind)
    # In international form, "+33639984127"; what was typed when it could not be understood is never thrown away.
    phone = models.CharField(max_length=20, blank=True)
    is_shared = models.BooleanField(default=False)
    through = models.CharField(max_length=120, blank=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["phone"], name="people_contactway_phone")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind__in=["sms", "call"]) | ~Q(phone=""),
                name="people_contactway_phone_when_called",
            )
        ]

    def __str__(self) -> str:
        return self.kind


class Obstacle(models.TextChoices):
    """What can close an offer or a service to her, each as something one has or can do."""

    BANK_ACCOUNT = "bank_account", _("Un compte bancaire")
    FIXED_ADDRESS = "fixed_address", _("Une adresse fixe")
    MAILBOX = "mailbox", _("Une boîte mail")
    PAPERS = "papers", _("Des papiers d’identité")
    READING = "reading", _("Lire en français")


class Answer(models.TextChoices):
    """What she said of it. Unknown is an answer."""

    YES = "yes", _("oui")
    PARTLY = "partly", _("un peu")
    NO = "no", _("non")
    UNKNOWN = "unknown", _("on ne sait pas")


class SituationFact(models.Model):
    """On that day she had, partly had, or had not this; who wrote it. Never edited; the newest one holds."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="situation")
    obstacle = models.CharField(max_length=20, choices=Obstacle)
    answer = models.CharField(max_length=10, choices=Answer)
    said_on = models.DateField()
    # "referral:<uuid>" or "interview:<uuid>": what wrote it, for the mark "écrit par Mme Aubry".
    source = models.CharField(max_length=80, blank=True)
    written_by = models.CharField(max_length=120, blank=True)
    written_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["person", "obstacle", "-written_at"], name="people_situation_newest")]

    def __str__(self) -> str:
        return f"{self.obstacle} {self.answer}"


class Agreement(PublicId):
    """What she was told, agreed to or refused: three recorded things. Refusing never closes a service."""

    class Kind(models.TextChoices):
        """What it is about."""

        INFORMED = "informed", _("informée de ce qui est gardé")
        SHARE_REFERRAL = "share_referral", _("d’accord pour être orientée")
        TELL_REFERRER = "tell_referrer", _("d’accord pour que l’on dise si elle est venue")
        SHARE_ONWARD = "share_onward", _("d’accord pour être orientée ailleurs")

    class Answer(models.TextChoices):
        """What she said."""

        AGREED = "agreed", _("d’accord")
        REFUSED = "refused", _("refuse")
        WITHDRAWN = "withdrawn", _("a changé d’avis")

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="agreements")
    kind = models.CharField(max_length=20, choices=Kind)
    answer = models.CharField(max_length=10, choices=Answer)
    with_whom = models.CharField(max_length=160, blank=True)
    about = models.CharField(max_length=80, blank=True)
    how = models.CharField(
        max_length=10, choices=[("spoken", _("dit")), ("signed", _("signé"))], default="spoken"
    )
    said_at = models.DateTimeField()
    until = models.DateField(null=True, blank=True)
    written_by = models.CharField(max_length=120, blank=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.answer}"

    def holds_on(self, day: date) -> bool:
        """Whether what she said opens something on that day: she agreed, and not only until an earlier one."""
        return self.answer == self.Answer.AGREED and (self.until is None or day <= self.until)


class FollowingQuerySet(models.QuerySet["Following"]):
    """Filters on who follows whom."""

    def current(self, now: datetime) -> FollowingQuerySet:
        """Those that hold at ``now``."""
        return self.filter(Q(ended_at=None) | Q(ended_at__gt=now), started_at__lte=now)


class Following(models.Model):
    """A node follows a person from a moment to a moment; ``adviser`` is the one who knows her best, if there is one."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="followings")
    node = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="followings")
    adviser = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="followings"
    )
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = FollowingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "node"], condition=Q(ended_at=None), name="people_following_once"
            ),
        ]
        indexes = [models.Index(fields=["node", "ended_at", "person"], name="people_following_node")]

    def __str__(self) -> str:
        return f"{self.node_id} follows {self.person_id}"


class Merge(PublicId):
    """Two files were marked as one person, or separated again; the history of both stays."""

    kept = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="merges_kept")
    merged = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="merges_merged")
    reasons = models.CharField(max_length=300, blank=True)
    merged_at = models.DateTimeField()
    merged_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    separated_at = models.DateTimeField(null=True, blank=True)
    separated_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merged"], condition=Q(separated_at=None), name="people_merge_once"
            ),
        ]

    def __str__(self) -> str:
        return str(self.uuid)


class NotTheSame(models.Model):
    """Someone looked and said: these are two persons (a couple, a shared phone). Not proposed again."""

    one = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    said_at = models.DateTimeField()
    said_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["one", "other"], name="people_notthesame_once")]

    def __str__(self) -> str:
        return f"{self.one_id} {self.other_id}"


class AlikePair(models.Model):
    """Two files that may be one person's, found when all files are gone through; someone says whether they are.

    Holds no reason: what speaks for it is worked out again from both files when it is shown.
    """

    one = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    score = models.FloatField()
    found_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["one", "other"], name="people_alikepair_once"),
            models.CheckConstraint(condition=Q(one__lt=models.F("other")), name="people_alikepair_in_order"),
        ]
        indexes = [models.Index(fields=["-score", "id"], name="people_alikepair_best")]

    def __str__(self) -> str:
        return f"{self.one_id} {self.other_id}"


class AlikeSearch(models.Model):
    """How far all files have been gone through for others like them: up to this key; one row."""

    up_to = models.BigIntegerField(default=0)
    moved_at = models.DateTimeField(null=True, blank=True)
    # When the last file was reached last; a new round then begins.
    whole_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="people_alikesearch_one_row")]

    def __str__(self) -> str:
        return str(self.up_to)


class Household(PublicId):
    """Persons who live together: one appointment may be for several, a computer for a child, one telephone for all.

    Each has a file of her own, and nothing of one is told with the other's: only that they live together.
    """

    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.uuid)


class HouseholdMember(PublicId):
    """She lives with the others from a day to a day; in one household at a time."""

    class Kind(models.TextChoices):
        """What she is in it, as far as it helps."""

        ADULT = "adult", _("adulte")
        CHILD = "child", _("enfant")

    household = models.ForeignKey(Household, on_delete=models.CASCADE, related_name="members")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="household_members")
    kind = models.CharField(max_length=6, choices=Kind, default=Kind.ADULT)
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(left_at=None), name="people_householdmember_one_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return str(self.uuid)


class AccessRequest(PublicId):
    """A site asks another for the file of someone it cannot see: her word, or a written reason the other site is told.

    Both open it at once: the asking site then follows her too. ``granted_at`` is when the other site said it
    was right (at once when she gave her word); ``refused_at`` when it objected, which ends that following.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="access_requests")
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    for_node = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    has_her_word = models.BooleanField(default=False)
    reason = models.CharField(max_length=300, blank=True)
    asked_at = models.DateTimeField()
    granted_at = models.DateTimeField(null=True, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(has_her_word=True) | ~Q(reason=""), name="people_accessrequest_word_or_reason"
            )
        ]
        indexes = [
            # Today counts those that wait, among all that were ever made.
            models.Index(
                fields=["asked_at"],
                condition=Q(granted_at__isnull=True, refused_at__isnull=True),
                name="people_accessrequest_waiting",
            )
        ]

    def __str__(self) -> str:
        return str(self.uuid)


class PersonReference(models.Model):
    """What another file calls her: the identifier of her row in a spreadsheet that was imported, a number at a partner.

    ``source`` says whose identifier it is ("import" when the file did not say); one reference of one source names one
    person. It opens nothing by itself.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="references")
    source = models.CharField(max_length=60)
    reference = models.CharField(max_length=80)
    added_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "reference"], name="people_personreference_once")
        ]

    def __str__(self) -> str:
        return self.source


class Freeze(PublicId):
    """She contests what is written in her file: until it is settled, nothing in it is changed or erased.

    It stays readable, and help goes on. ``words`` is what she contests, in hers.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="freezes")
    words = models.CharField(max_length=600, blank=True)
    frozen_at = models.DateTimeField()
    frozen_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    answer = models.CharField(max_length=600, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(lifted_at=None), name="people_freeze_one_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return str(self.uuid)


class Attachment(PublicId):
    """A file that belongs to hers: a bill, signed terms. The bytes lie in the home under ``path``, never under a name
    that says whose they are.

    ``about`` is what it belongs to ("handover:<uuid>"), ``digest`` the SHA-256 of its bytes, ``size`` in bytes;
    ``keep_until`` its own last day, whatever becomes of the file.
    """

    class Kind(models.TextChoices):
        """What it is."""

        BILL = "bill", _("facture")
        TERMS = "terms", _("conditions signées")
        LETTER = "letter", _("courrier")
        OTHER = "other", _("autre papier")

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="attachments")
    kind = models.CharField(max_length=10, choices=Kind)
    about = models.CharField(max_length=80, blank=True)
    name = models.CharField(max_length=120)
    media_type = models.CharField(max_length=60)
    size = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    path = models.CharField(max_length=120, unique=True)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    keep_until = models.DateField()
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["person", "-added_at"], name="people_attachment_person")]

    def __str__(self) -> str:
        return str(self.uuid)
