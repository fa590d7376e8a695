"""Where each role begins, everything else it may open, and the permanence one works at."""

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import User
from bagage.desk.context_processors import address
from bagage.desk.permissions import can_keep_backups
from bagage.directory.permissions import can_see_panorama
from bagage.equipment.permissions import can_change_rules
from bagage.journeys.permissions import can_see_demand, can_see_follow_ups
from bagage.permanences.queries import SITE_KEY, current_site, sites_where_one_works
from bagage.referrals.permissions import can_send_onwards
from bagage.shop.permissions import can_see_products

# The first page that a role opens, in this order.
STARTS = (
    (Ability.REFER, "referrals:mine"),
    (Ability.RUN_STAFF, "accounts:staff"),
    (Ability.RUN_REFERRERS, "referrals:links"),
)


@dataclass(frozen=True, slots=True)
class Page:
    """One line of "Plus"."""

    icon: str
    title: str
    says: str
    url: str


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Send each role to the page where its day begins."""
    user = request.user
    assert isinstance(user, User)
    if current_site(request) is not None:
        return redirect("desk:today")
    for ability, name in STARTS:
        if user.can(ability) and address(name):
            return redirect(name)
    if user.can(Ability.SEE_DEVICES) and not user.can(Ability.WELCOME):
        return redirect("equipment:device_list")
    return redirect("permanences:site_list" if user.current_memberships else "desk:more")


@require_safe
def more(request: HttpRequest) -> HttpResponse:
    """Everything else that the role may open, each with a line that says what it is for."""
    user = request.user
    assert isinstance(user, User)
    return render(request, "desk/more.html", {"groups": pages_of(user)})


@require_http_methods(["GET", "HEAD", "POST"])
def choose_site(request: HttpRequest) -> HttpResponse:
    """The permanence one works at today; kept for the session."""
    sites = sites_where_one_works(request)
    if not sites:
        raise Http404
    if request.method == "POST":
        chosen = next((site for site in sites if str(site.uuid) == request.POST.get("site")), None)
        if chosen is None:
            raise Http404
        request.session[SITE_KEY] = str(chosen.uuid)
        target = request.POST.get("next", "")
        if not url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()):
            target = "desk:today"
        return redirect(target)
    return render(request, "desk/choose_site.html", {"sites": sites, "chosen": current_site(request)})


def pages_of(user: User) -> list[tuple[str, list[Page]]]:
    """The pages of "Plus", in groups; a page that this installation has not got is left out."""
    groups: list[tuple[str, list[tuple[bool, str, str, str, str]]]] = [
        (
            gettext("Au quotidien"),
            [
                (user.can(Ability.TELL), "printer", gettext("Messages à dire"),
                 gettext("Ce qui se dit en personne ou se poste, à cocher une fois dit."), "messaging:paper_list"),
                (user.can(Ability.RECEIVE), "send", gettext("Orientations reçues"),
                 gettext("Qui est orienté ici, et ce que l’on a répondu."), "referrals:inbox"),
                (user.can(Ability.REFER), "send", gettext("Orienter une personne"),
                 gettext("Une page, 90 secondes."), "referrals:refer"),
                (user.can(Ability.INTERVIEW), "clipboard-list", gettext("Entretiens sur papier"),
                 gettext("Une feuille vierge à imprimer, des feuilles remplies à saisir."), "desk:interview_sheets"),
                (can_see_follow_ups(user), "message-circle", gettext("Prendre des nouvelles"),
                 gettext("Trois et six mois après une sortie : est-ce encore là ?"), "journeys:follow_ups"),
                (can_send_onwards(user), "route", gettext("Orientations vers ailleurs"),
                 gettext("Qui est arrivé, quel lieu n’a pas répondu."), "referrals:onward_list"),
                (can_see_panorama(user), "map", gettext("Panorama"),
                 gettext("Qui aide autour, où, quand, pour qui."), "directory:panorama"),
                (True, "map-pin", gettext("Permanences"),
                 gettext("Lieux, horaires en mots, prochain créneau."), "permanences:site_list"),
            ],
        ),
        (
            gettext("Comptoir, matériel, séances"),
            [
                (user.can(Ability.SELL), "store", gettext("Comptoir"),
                 gettext("Une personne, un produit, un paiement, un reçu."), "shop:counter"),
                (user.can(Ability.SELL), "receipt-euro", gettext("Ventes"),
                 gettext("Chercher, rembourser, exporter."), "shop:sale_list"),
                (user.can(Ability.SELL), "wallet", gettext("Caisse"),
                 gettext("Ouvrir, compter, fermer."), "shop:till"),
                (user.can(Ability.GRANT_RIGHTS), "hourglass", gettext("Droits qui finissent"),
                 gettext("À qui le dire, qui peut renouveler."), "shop:rights_ending"),
                (user.can(Ability.SELL) or user.can(Ability.KEEP_STOCK), "package", gettext("Stock du comptoir"),
                 gettext("Cartes et recharges : ce qui entre, ce qui se compte."), "shop:stock"),
                (can_see_products(user), "tag", gettext("Produits et prix"),
                 gettext("Ce que le comptoir vend."), "shop:products"),
                (user.can(Ability.RUN_SHOP), "scale", gettext("Règles du comptoir"),
                 gettext("Durée d’un droit, plafond, période."), "shop:rules"),
                (user.can(Ability.SEE_DEVICES), "smartphone", gettext("Matériel"),
                 gettext("Ce qui est prêt, réservé, remis, en réparation."), "equipment:device_list"),
                (can_change_rules(user), "scale", gettext("Règles du matériel"),
                 gettext("Combien d’appareils, quelle garantie."), "equipment:rules"),
                (user.can(Ability.LEAD_SESSION), "graduation-cap", gettext("Séances"),
                 gettext("Qui est inscrit, qui attend, qui est venu."), "permanences:session_list"),
                (can_see_demand(user), "hand", gettext("Demandes sans séance"),
                 gettext("Ce que l’on demande et que rien ne prévoit encore."), "journeys:demand"),
            ],
        ),
        (
            gettext("Faire tourner la maison"),
            [
                (user.can(Ability.IMPORT_DATA), "file-spreadsheet", gettext("Imports"),
                 gettext("Vos tableaux : lus, montrés, écrits, défaits en un geste."), "imports:batches"),
                (user.can(Ability.READ_CATALOGUE), "card-sim", gettext("Catalogue d’offres"),
                 gettext("Ce qui se vend, à qui, à quel prix, vérifié quand."), "connection:catalogue"),
                (user.can(Ability.KEEP_CATALOGUE), "key-round", gettext("Lever un obstacle"),
                 gettext("Les textes et les lettres, les chiffres d’usage."), "connection:texts"),
                (user.can(Ability.RUN_STAFF), "users-round", gettext("Équipe"),
                 gettext("Inviter, changer un rôle, fermer un compte."), "accounts:staff"),
                (user.can(Ability.RUN_REFERRERS), "link", gettext("Liens pour orienter"),
                 gettext("Pour les organisations qui orientent sans compte."), "referrals:links"),
                (user.can(Ability.RUN_STAFF), "building-2", gettext("Organisations"),
                 gettext("Réseau, antennes, permanences, et qui oriente."), "accounts:organisations"),
                (can_keep_backups(user), "hard-drive", gettext("Sauvegardes"),
                 gettext("De quand est la dernière, où elle est, la clé qui l’ouvre."), "desk:backups"),
                (user.can(Ability.RUN_HOUSE), "mail", gettext("Envoi des messages"),
                 gettext("Par mail, ou sur papier seulement."), "messaging:transport"),
                (user.can(Ability.TELL) or user.can(Ability.RUN_HOUSE), "inbox", gettext("Messages partis"),
                 gettext("Ce qui est parti, ce qui attend, ce qui n’a pas pu partir."), "messaging:outbox"),
                (user.can(Ability.READ_TRAIL), "history", gettext("Journal des actes"),
                 gettext("Qui a fait et lu quoi, et la preuve que rien n’a été retouché."), "trail:log"),
                (user.can(Ability.KEEP_PRIVACY), "shield-check", gettext("Vie privée"),
                 gettext("Ce qui est gardé, combien de temps, les papiers à montrer."), "desk:privacy"),
            ],
        ),
        (
            gettext("Pour vous"),
            [
                (True, "circle-user-round", gettext("Mon compte"),
                 gettext("Mot de passe, second facteur, langue."), "accounts:me"),
                (True, "life-buoy", gettext("Aide"), gettext("Comment faire, écran par écran."), "common:help"),
                (True, "shield-check", gettext("Vos droits et ceux des personnes"),
                 gettext("Ce qui est gardé, pourquoi, combien de temps."), "common:rights_notice"),
                (True, "layout-dashboard", gettext("Composants"),
                 gettext("Toutes les pièces de l’interface, dans chaque état."), "common:gallery"),
            ],
        ),
    ]  # fmt: skip
    shown = []
    for title, lines in groups:
        pages = [
            Page(icon, name, says, address(url))
            for allowed, icon, name, says, url in lines
            if allowed and address(url)
        ]
        if pages:
            shown.append((title, pages))
    return shown
