"""Referrals as they are read: what a permanence has to answer, what a referrer follows, who is behind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bagage.accounts.domain.roles import Ability, Role
from bagage.accounts.models import Organisation, User
from bagage.common import links
from bagage.common.links import LinkForged, LinkRefused
from bagage.common.prepared import prepared
from bagage.common.together import Asking, together
from bagage.common.words import phone
from bagage.directory.domain.communes import Commune, find_communes
from bagage.people.domain.fields import Sight, Tie
from bagage.people.models import Agreement, Person
from bagage.people.queries import identity_ids
from bagage.permanences.models import Appointment, AppointmentState, Site
from bagage.permanences.queries import NearSite, nearest_sites
from bagage.referrals.domain import lifecycle
from bagage.referrals.domain.lifecycle import LATE_AFTER, Milestone
from bagage.referrals.domain.secrets import hashed
from bagage.referrals.models import (
    EmailConfirmation,
    OrganisationLink,
    Referral,
    ReferralMessage,
    ReferralNews,
    ReferralStep,
)

FOLLOW = "referral"
PLACES_SHOWN = 3
EVERY_SITE = 500


# ---------- what a permanence has to answer ----------
def waiting_referrals(site: Site, now: datetime) -> QuerySet[Referral]:
    """Those that nobody at the site has answered, the oldest first."""
    return (
        Referral.objects.filter(site=site, sent_at__lte=now)
        .waiting()
        .select_related("organisation")
        .order_by("sent_at")
    )


@together
def late_referrals(site: Site, now: datetime) -> Asking[list[Referral]]:
    """Those that have waited over two days, the oldest first. One query."""
    return (yield from _waiting_since.asking(site.pk, now - LATE_AFTER))


def late_referral_count(site: Site, now: datetime) -> int:
    """How many have waited over two days. One query."""
    return sum(_how_many_wait_since(site.pk, now - LATE_AFTER))


@prepared
def _waiting_since(site: int, before: datetime) -> QuerySet[Referral]:
    waiting = Referral.objects.filter(site_id=site, sent_at__lt=before).waiting()
    return waiting.select_related("organisation").order_by("sent_at")


@prepared
def _how_many_wait_since(site: int, before: datetime) -> QuerySet[Referral, int]:
    waiting = Referral.objects.filter(site_id=site, sent_at__lt=before).waiting().order_by()
    return waiting.values("site").annotate(found=Count("pk")).values_list("found", flat=True)


def with_questions(referrals: QuerySet[Referral], *, from_referrer: bool) -> QuerySet[Referral]:
    """Marks each with ``asks``: whether a question of that side waits for an answer."""
    waiting = ReferralMessage.objects.filter(
        referral=OuterRef("pk"), asks=True, answer=None, is_from_referrer=from_referrer
    )
    return referrals.annotate(asks=Exists(waiting))


def sites_to_answer(user: User) -> list[Site]:
    """The permanences whose referrals this account answers."""
    nodes = user.node_ids(Ability.RECEIVE)
    return list(
        Site.objects.filter(organisation__in=nodes)
        .select_related("organisation")
        .order_by("organisation__name")
    )


def referral_to_answer(user: User, uuid: UUID) -> Referral | None:
    """The referral of this address, if it was sent to a permanence whose referrals this account answers."""
    return next(iter(_sent_to(sorted(user.node_ids(Ability.RECEIVE)), uuid)), None)


@prepared
def _sent_to(nodes: Iterable[int], uuid: UUID) -> QuerySet[Referral]:
    found = Referral.objects.filter(site__organisation_id__in=nodes, uuid=uuid)
    return found.select_related(
        "site__organisation", "organisation", "appointment__adviser", "person", "referrer", "link"
    )


# ---------- what a referrer sees ----------
def referrals_of(user: User) -> QuerySet[Referral]:
    """All that this account sent, the newest first, each with its ``newest_news``; never a colleague's."""
    newest = ReferralNews.objects.filter(referral=OuterRef("pk"), taken_back_at=None).order_by("-at", "-pk")
    return (
        Referral.objects.sent_by(user)
        .annotate(newest_news=Subquery(newest.values("words")[:1]))
        .select_related("site__organisation", "appointment__adviser")
        .order_by("-sent_at")
    )


def referrals_by_link(confirmation: EmailConfirmation) -> QuerySet[Referral]:
    """All that this confirmed address sent by this link or another of the same organisation, the newest first."""
    return (
        Referral.objects.filter(
            referrer=None,
            referrer_email__iexact=confirmation.email,
            organisation=confirmation.link.organisation,
        )
        .select_related("site__organisation", "appointment__adviser")
        .order_by("-sent_at")
    )


def organisations_to_refer_from(user: User) -> list[Organisation]:
    """Where this account refers from: the open nodes on which she holds the role."""
    return [
        membership.organisation
        for membership in user.current_memberships
        if membership.role == Role.REFERRER and membership.organisation.is_open
    ]


def referral_behind(person: Person) -> Referral | None:
    """The newest referral of this person, by any of her files."""
    return (
        Referral.objects.filter(person__in=identity_ids(person))
        .exclude(state="withdrawn")
        .select_related("organisation", "site__organisation")
        .order_by("-sent_at", "-pk")
        .first()
    )


def next_appointment(referral: Referral, now: datetime) -> Appointment | None:
    """Her next appointment at the permanence of this referral; none before the referral has a person."""
    if referral.person is None:
        return None
    return (
        Appointment.objects.filter(
            person__in=identity_ids(referral.person),
            site=referral.site_id,
            state=AppointmentState.BOOKED,
            ends_at__gt=now,
        )
        .select_related("adviser", "site__organisation")
        .order_by("starts_at")
        .first()
    )


def lets_referrer_know(referral: Referral) -> bool:
    """Whether she still agrees that the referrer hears of her: her newest words about it, in any of her files.

    Being referred and being told of are two agreements: what she took back of one, agreeing to the other does not undo.
    """
    if referral.person is None:
        return True
    said = Agreement.objects.filter(
        Q(about="") | Q(about=f"referral:{referral.uuid}"),
        person__in=identity_ids(referral.person),
        kind__in=[Agreement.Kind.TELL_REFERRER, Agreement.Kind.SHARE_REFERRAL],
    )
    newest = {word.kind: word for word in said.order_by("said_at", "pk")}
    today = timezone.localdate()
    return all(word.holds_on(today) for word in newest.values())


def silent_among(referrals: QuerySet[Referral]) -> frozenset[int]:
    """The keys of those of which the referrer hears no more: the person took her agreement back, or its time is over.

    One query where nobody did, which is nearly always; then one more, and two for each that may be meant.
    """
    theirs = referrals.order_by().exclude(person=None).values("person")
    hers = Q(person__in=theirs) | Q(person__merged_into__in=theirs) | Q(person__same_persons__in=theirs)
    ended = ~Q(answer=Agreement.Answer.AGREED) | Q(until__lt=timezone.localdate())
    said = Agreement.objects.filter(
        hers, ended, kind__in=[Agreement.Kind.TELL_REFERRER, Agreement.Kind.SHARE_REFERRAL]
    )
    files = set(said.values_list("person", flat=True))
    if not files:
        return frozenset()
    meant = referrals.filter(
        Q(person__in=files) | Q(person__merged_into__in=files) | Q(person__same_persons__in=files)
    )
    found = {one.pk: one for one in meant.order_by("pk").select_related("person")}
    return frozenset(pk for pk, one in found.items() if not lets_referrer_know(one))


def sight_of_referrer(referral: Referral) -> Sight:
    """What whoever sent it sees of her: what was written; what became of it while she agrees. Two queries."""
    return Sight(ties=frozenset({Tie.REFERRED, *([Tie.HEARS] if lets_referrer_know(referral) else [])}))


@dataclass(frozen=True, slots=True)
class Followed:
    """A referral as whoever sent it sees it: its road, what she was told beside it, what comes next, what was said."""

    referral: Referral
    milestones: list[Milestone]
    step_words: str
    next_appointment: Appointment | None
    exchanges: list[ReferralMessage]
    news: list[ReferralNews]
    question: ReferralMessage | None

    @property
    def said(self) -> list[ReferralMessage]:
        """The exchanges without the question that waits for an answer: it stands on its own."""
        return [message for message in self.exchanges if message != self.question]


@prepared
def _steps_of(referral: int) -> QuerySet[ReferralStep]:
    return ReferralStep.objects.filter(referral_id=referral)


@prepared
def _exchanges_of(referral: int) -> QuerySet[ReferralMessage]:
    return ReferralMessage.objects.filter(referral_id=referral).select_related("answer")


@prepared
def _news_of(referral: int) -> QuerySet[ReferralNews]:
    return ReferralNews.objects.filter(referral_id=referral, taken_back_at=None).order_by("-at", "-pk")


def followed(referral: Referral, now: datetime) -> Followed:
    """What the page of a referral shows to whoever sent it."""
    steps = _steps_of(referral.pk)
    exchanges = _exchanges_of(referral.pk)
    return Followed(
        referral=referral,
        milestones=lifecycle.road(referral.state, [(step.state, step.at) for step in steps]),
        step_words=next((step.words for step in reversed(steps) if step.state == referral.state), ""),
        next_appointment=None if referral.is_closed else next_appointment(referral, now),
        exchanges=exchanges,
        news=_news_of(referral.pk),
        question=open_question(exchanges, from_referrer=False),
    )


def open_question(exchanges: Iterable[ReferralMessage], *, from_referrer: bool) -> ReferralMessage | None:
    """The oldest question of one side that nobody has answered."""
    for message in exchanges:
        if message.asks and message.is_from_referrer == from_referrer and not hasattr(message, "answer"):
            return message
    return None


# ---------- links ----------
def follow_token(referral: Referral, now: datetime) -> str:
    """The token of the signed link: which referral, which of its links. Open three months from the sending."""
    remaining = referral.sent_at + lifecycle.LINK_LIFE - now
    return links.make_token(FOLLOW, [str(referral.uuid), referral.link_number], remaining)


def follow_path(referral: Referral, now: datetime) -> str:
    """Where whoever sent it follows it: the page of an account, or the signed link of who has none."""
    if referral.referrer_id:
        return reverse("referrals:follow", kwargs={"uuid": referral.uuid})
    return reverse("referrals:signed", kwargs={"token": follow_token(referral, now)})


def follow_url(referral: Referral, now: datetime) -> str:
    """The same as a whole address, for a mail."""
    return f"{settings.PUBLIC_URL}{follow_path(referral, now)}"


class LinkClosed(LinkRefused):
    """The link was good and is no more: given back, or she no longer agrees, or the referral was withdrawn."""

    def __init__(self) -> None:
        super().__init__(_("Ce lien est éteint. Ce qu’il ouvrait ne se voit plus par ici."))


def referral_by_token(token: str) -> Referral:
    """The referral that a signed link opens; raises :class:`~bagage.common.links.LinkRefused` (404) otherwise."""
    payload = links.read_token(FOLLOW, token)
    try:
        uuid, number = payload
    except (TypeError, ValueError) as error:
        raise LinkForged from error
    referral = (
        Referral.objects.filter(uuid=uuid)
        .select_related("site__organisation", "organisation", "appointment__adviser", "person")
        .first()
    )
    if referral is None or referral.referrer_id is not None or referral.link_number != number:
        raise LinkClosed
    if referral.state == "withdrawn" or not lets_referrer_know(referral):
        raise LinkClosed
    return referral


class OrganisationLinkEnded(LinkRefused):
    """An organisation's link that no longer refers; the page says whom to call."""

    def __init__(self, site: Site | None) -> None:
        if site is not None and site.phone:
            super().__init__(
                gettext(
                    "Le lien de votre organisation est éteint. Pour orienter, appelez %(site)s : %(phone)s."
                )
                % {"site": site.organisation.name, "phone": phone(site.phone)}
            )
        else:
            super().__init__(
                _("Le lien de votre organisation est éteint. Pour orienter, appelez la permanence.")
            )


def organisation_link(secret: str) -> OrganisationLink:
    """The link whose secret this is.

    Raises :class:`~bagage.common.links.LinkRefused` (404) when it is none of ours; says whom to call when it has ended.
    """
    link = OrganisationLink.objects.filter(secret_hash=hashed(secret)).select_related("organisation").first()
    if link is None:
        raise LinkForged
    if link.ended_at is not None or not link.organisation.is_open:
        raise OrganisationLinkEnded(_site_to_call(link.organisation))
    return link


def _site_to_call(organisation: Organisation) -> Site | None:
    """A permanence beside a referring organisation, else any of the network."""
    parent = organisation.path[: -Organisation.steplen]
    sites = Site.objects.filter(organisation__is_open=True).exclude(phone="").select_related("organisation")
    beside = sites.filter(organisation__path__startswith=parent).first() if parent else None
    return beside or sites.first()


# ---------- the nearest permanences ----------
@dataclass(frozen=True, slots=True)
class Nearest:
    """The permanences to choose from, and from where distances are counted (``None`` when the place is not known)."""

    sites: list[NearSite]
    origin: Commune | None
    is_origin_hers: bool
    where: str


def nearest(
    *, where: str, home: str, needs: Sequence[str], now: datetime, chosen: str = "", limit: int = PLACES_SHOWN
) -> Nearest:
    """Permanences that can help with ``needs``, nearest to ``where`` she is, else to the referrer's city ``home``.

    ``chosen`` (a site's uuid) is always among them, so that a choice is never lost by another answer.
    """
    hers = communes_of(where)
    origin = hers[0] if hers else next(iter(find_communes(home, 1)), None)
    if where.strip() and not hers:
        origin = None

    def nearby(most: int) -> list[NearSite]:
        return nearest_sites(
            latitude=origin.latitude if origin else None,
            longitude=origin.longitude if origin else None,
            needs=set(needs) or {"device", "connection", "skills"},
            now=now,
            limit=most,
        )

    shown = nearby(limit)
    if chosen and chosen not in {str(near.site.uuid) for near in shown}:
        shown += [near for near in nearby(EVERY_SITE) if str(near.site.uuid) == chosen]
    return Nearest(shown, origin, bool(hers), where.strip())


def communes_of(where: str) -> list[Commune]:
    """The commune that she wrote of, if it can be understood: a list of one or none."""
    return find_communes(where, 1) if where.strip() else []


def open_site(uuid: UUID) -> Site | None:
    """The permanence of this uuid, if it can be referred to."""
    return Site.objects.filter(uuid=uuid, organisation__is_open=True).select_related("organisation").first()


def links_run_by(user: User) -> QuerySet[OrganisationLink]:
    """The links of the organisations that this account runs, those in use first."""
    return (
        OrganisationLink.objects.filter(organisation__in=user.node_ids(Ability.RUN_REFERRERS))
        .select_related("organisation", "created_by")
        .order_by("ended_at", "-created_at")
    )


def referring_organisations_run_by(user: User) -> QuerySet[Organisation]:
    """The open referring organisations that this account runs."""
    return cast(
        "QuerySet[Organisation]",
        Organisation.objects.filter(
            pk__in=user.node_ids(Ability.RUN_REFERRERS), kind=Organisation.Kind.REFERRING, is_open=True
        ).order_by("name"),
    )
