"""What the columns of a list of persons are called by those who keep such lists."""

from django.utils.translation import gettext_lazy as _

from bagage.imports.kinds import Field, Words
from bagage.people.domain.fields import Field as Fact


def _field(name: str, label: Words, headings: str, looks: str = "", by_values: str = "") -> Field:
    """A field; its headings are parted by semicolons."""
    known = tuple(" ".join(each.split()) for each in headings.split(";"))
    return Field(name, label, known, looks, by_values)


FIELDS = (
    _field(
        "reference",
        _("Identifiant du dossier"),
        """
        identifiant; identifiant du dossier; id; identifiant personne; id personne; numero de dossier; n
        de dossier; n dossier; numero dossier; no dossier; dossier; numero; n; no; num; matricule;
        reference; ref; code; code personne; id beneficiaire; id usager; numero adherent; identifier;
        uid
        """,
    ),
    _field(
        "chosen_name",
        _("Prénom"),
        """
        prenom; prenoms; prenom usuel; prenom choisi; prenom s; prenom d usage; first name; firstname;
        given name; given names; prenom de la personne; petit nom
        """,
        looks="name",
    ),
    _field(
        "family_name",
        _("Nom"),
        """
        nom; nom de famille; nom usuel; nom d usage; noms; last name; lastname; surname; family name;
        patronyme; nom de la personne
        """,
        looks="name",
    ),
    _field(
        "full_name",
        _("Nom complet"),
        """
        nom complet; nom et prenom; nom prenom; nom prenoms; prenom nom; prenom et nom; nom et prenoms;
        personne; personnes; name; full name; usager; beneficiaire; participant; participante; identite
        """,
        looks="name",
    ),
    _field(
        "other_name",
        _("Autre nom ou surnom"),
        """
        surnom; autre nom; autre nom ou surnom; alias; dit; autre ecriture; nom dans sa langue; nom de
        naissance; nom de jeune fille; autres noms; nickname
        """,
        looks="name",
    ),
    _field(
        "birth_date",
        _("Date de naissance"),
        """
        date de naissance; naissance; ne e; ne e le; ne le; nee le; ne; nee; ddn; date naissance; date
        nais; d naissance; date naiss; naiss; birth date; birthdate; date of birth; dob; birthday
        """,
        looks="birth",
        by_values="old_birth",
    ),
    _field(
        "birth_year",
        _("Année de naissance"),
        """
        annee de naissance; annee naissance; annee nais; annee naiss; an de naissance; ne e en; annee;
        birth year; year of birth; birthyear
        """,
        looks="birth",
    ),
    _field(
        "age",
        _("Âge"),
        "age; age approximatif; age environ; ans",
        looks="age",
    ),
    _field(
        "phone",
        _("Téléphone"),
        """
        telephone; tel; portable; mobile; numero de telephone; n de telephone; n telephone; num tel; n
        tel; numero tel; tel portable; telephone portable; telephone mobile; tel mobile; gsm; phone;
        phone number; telephone 1; tel 1; numero portable; contact; coordonnees
        """,
        looks="phone",
        by_values="phone",
    ),
    _field(
        "other_phone",
        _("Autre téléphone"),
        """
        autre telephone; telephone 2; tel 2; second telephone; telephone fixe; tel fixe; fixe; telephone
        secondaire; autre tel; autre numero
        """,
        looks="phone",
        by_values="phone",
    ),
    _field(
        "is_phone_shared",
        _("Téléphone partagé"),
        "telephone partage; tel partage; partage; numero partage; shared phone",
        looks="yes_no",
    ),
    _field(
        "languages",
        _("Langue"),
        """
        langue; langues; langue parlee; langues parlees; langue s; lg; langue maternelle; language;
        languages; langue principale
        """,
        by_values="language",
    ),
    _field(
        "commune",
        _("Commune"),
        """
        commune; ville; commune de residence; ville de residence; lieu de vie; residence; localite;
        city; town; commune d habitation; lieu de residence; domiciliation
        """,
    ),
    _field(
        "postcode",
        _("Code postal"),
        "code postal; cp; code postal residence; postcode; zip",
        looks="postcode",
    ),
    _field(
        "where",
        _("Adresse ou quartier"),
        """
        adresse; adresse ou quartier; adresse postale; quartier; hebergement; lieu d hebergement; ou
        elle vit; address
        """,
    ),
    _field(
        "grammar",
        _("Elle ou il"),
        "genre; sexe; civilite; elle ou il; gender; sex; h f; f h; titre; m f; f m",
    ),
    _field(
        "referrer",
        _("Orienté par"),
        """
        oriente par; oriente e par; orientee par; orientation; orientation par; prescripteur;
        prescriptrice; prescripteurs; structure orientatrice; structure prescriptrice; orienteur;
        adresse par; adressee par; envoye par; envoyee par; referent; referente; referent social;
        travailleur social; structure; organisme; partenaire; referred by; provenance
        """,
    ),
    _field(
        "first_seen",
        _("Date d’accueil"),
        """
        date d accueil; date accueil; premier accueil; date d arrivee; date d entree; premiere visite;
        premiere venue; date d inscription; date inscription; inscrit le; date de premier contact; date
        du premier rdv; date creation; date de creation; date
        """,
        looks="day",
    ),
    _field(
        "last_seen",
        _("Dernier passage"),
        """
        dernier passage; derniere visite; derniere venue; dernier contact; date du dernier contact; date
        dernier contact; date de dernier passage; vu e le; last contact; last visit
        """,
        looks="day",
    ),
    _field(
        "note",
        _("Remarque"),
        """
        remarque; remarques; note; notes; commentaire; commentaires; observation; observations; infos;
        informations; comment; comments
        """,
    ),
    _field(
        "bank_account",
        _("Un compte bancaire"),
        "un compte bancaire; compte bancaire; compte en banque; banque",
        looks="yes_no",
    ),
    _field(
        "fixed_address",
        _("Une adresse fixe"),
        "une adresse fixe; adresse fixe; domicile fixe; logement stable",
        looks="yes_no",
    ),
    _field(
        "mailbox",
        _("Une boîte mail"),
        "une boite mail; boite mail; a une boite mail; a un mail",
        looks="yes_no",
    ),
    _field(
        "papers",
        _("Des papiers d’identité"),
        "des papiers d identite; papiers d identite; papiers; piece d identite",
        looks="yes_no",
    ),
    _field(
        "reading",
        _("Lire en français"),
        "lire en francais; lit le francais; sait lire; lecture",
        looks="yes_no",
    ),
)

# Which of her facts each column of a list that leaves says.
SHOWS = {
    "reference": Fact.NAMES,
    "chosen_name": Fact.CALLED,
    "family_name": Fact.NAME,
    "other_name": Fact.NAMES,
    "grammar": Fact.LANGUAGES,
    "birth_year": Fact.BIRTH,
    "birth_date": Fact.BIRTH,
    "phone": Fact.PHONE,
    "is_phone_shared": Fact.REACH,
    "languages": Fact.LANGUAGES,
    "commune": Fact.WHERE,
    "last_seen": Fact.STEPS,
}
