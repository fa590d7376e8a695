"""The eight permanences the programme had in 2014: cities are real; addresses, hours, rooms, people are examples."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DemoSite:
    """One permanence: example hours, computers, who works there."""

    key: str
    antenna: str
    name: str
    city: str
    postcode: str
    commune: str
    address: str
    way_there: str
    phone: str
    latitude: float
    longitude: float
    hours: str
    computers: int
    weight: int
    languages: str
    access: str
    device_wait_days: int | None
    advisers: tuple[tuple[str, str, str], ...]  # user name, first name, last name
    volunteers: tuple[tuple[str, str, str], ...]
    reception: tuple[str, str, str]
    rooms: tuple[tuple[str, int, int], ...]
    referrers: tuple[tuple[str, str], ...]  # organisation, city


SITES = (
    DemoSite(
        "riquet",
        "Paris",
        "Riquet, Paris 19e",
        "Paris",
        "75019",
        "75119",
        "14 rue Riquet",
        "Métro Riquet, ligne 7",
        "01 99 00 12 34",
        48.8882,
        2.3735,
        "Mo-Fr 09:00-12:30,14:00-17:30; Sa 09:30-12:30",
        12,
        26,
        "soninké le jeudi, arabe, anglais",
        "yes",
        None,
        (("helene", "Hélène", "Lenoir"), ("ines", "Inès", "Carvalho"), ("moussa", "Moussa", "Dembélé")),
        (("karim", "Karim", "Ouali"), ("djeneba", "Djeneba", "Soumaré"), ("marc", "Marc", "Tellier")),
        ("nadia", "Nadia", "Ferrand"),
        (("Salle 1", 8, 8), ("Salle 2", 6, 4)),
        (
            ("SIAO de Paris, équipe nord", "Paris"),
            ("Service social du 19e", "Paris"),
            ("Foyer des Ardennes", "Paris"),
        ),
    ),
    DemoSite(
        "alesia",
        "Paris",
        "Alésia, Paris 14e",
        "Paris",
        "75014",
        "75114",
        "7 rue du Moulin-Vert",
        "Métro Alésia, ligne 4",
        "01 99 00 14 14",
        48.8295,
        2.3225,
        "Mo,Tu,Th,Fr 09:30-12:30,14:00-17:00",
        8,
        12,
        "espagnol, anglais",
        "yes",
        7,
        (("bruno", "Bruno", "Salvi"), ("thuy", "Thuy", "Le Gall")),
        (("odile", "Odile", "Brunet"),),
        ("sabine", "Sabine", "Roche"),
        (("Salle du rez-de-chaussée", 10, 8),),
        (("Service social du 14e", "Paris"), ("Maison relais Plaisance", "Paris")),
    ),
    DemoSite(
        "reuilly",
        "Paris",
        "Reuilly, Paris 12e",
        "Paris",
        "75012",
        "75112",
        "22 rue de Reuilly",
        "Métro Reuilly-Diderot, ligne 1",
        "01 99 00 12 12",
        48.8478,
        2.3865,
        "Mo,We,Fr 09:00-12:00,13:30-17:00",
        6,
        9,
        "roumain, anglais",
        "unknown",
        None,
        (("claire", "Claire", "Noël"), ("idriss", "Idriss", "Barry")),
        (("paulette", "Paulette", "Simon"),),
        ("ugo", "Ugo", "Martinez"),
        (("Grande salle", 8, 6),),
        (("Centre d’accueil de jour Bercy", "Paris"), ("Service social du 12e", "Paris")),
    ),
    DemoSite(
        "saint-denis",
        "Saint-Denis",
        "Saint-Denis, Caquet",
        "Saint-Denis",
        "93200",
        "93066",
        "3 rue du Caquet",
        "Métro Basilique, ligne 13",
        "01 99 00 93 93",
        48.9362,
        2.3574,
        "Mo-Fr 09:00-12:30,13:30-17:30",
        10,
        17,
        "arabe, bambara, tamoul",
        "yes",
        14,
        (("fatou", "Fatou", "Ba"), ("julien", "Julien", "Morel"), ("reda", "Reda", "Khelifi")),
        (("yvonne", "Yvonne", "Picard"), ("amadou", "Amadou", "Diallo")),
        ("sonia", "Sonia", "Lopes"),
        (("Salle Basilique", 10, 8), ("Petit bureau", 2, 2)),
        (
            ("CCAS de Saint-Denis", "Saint-Denis"),
            ("Mission locale Plaine", "Saint-Denis"),
            ("Service social départemental, Saint-Denis centre", "Saint-Denis"),
        ),
    ),
    DemoSite(
        "marseille",
        "Marseille",
        "Marseille, Belsunce",
        "Marseille",
        "13001",
        "13201",
        "18 rue des Dominicaines",
        "Métro Colbert, ligne 1",
        "04 99 00 13 13",
        43.2990,
        5.3760,
        "Mo-Th 08:30-12:30,13:30-17:00; Fr 08:30-12:30",
        10,
        13,
        "arabe, comorien, italien",
        "yes",
        None,
        (("magali", "Magali", "Esposito"), ("said", "Saïd", "Mmadi")),
        (("lucette", "Lucette", "Gras"),),
        ("ines.m", "Inès", "Ravel"),
        (("Salle Colbert", 10, 8),),
        (("Pôle insertion Marseille centre", "Marseille"), ("Accueil de jour de la Joliette", "Marseille")),
    ),
    DemoSite(
        "grenoble",
        "Grenoble",
        "Grenoble, Saint-Bruno",
        "Grenoble",
        "38000",
        "38185",
        "5 place Saint-Bruno",
        "Tram A ou B, Saint-Bruno",
        "04 99 00 38 38",
        45.1876,
        5.7146,
        "Tu-Fr 09:00-12:00,14:00-17:30",
        7,
        8,
        "arabe, anglais, portugais",
        "yes",
        None,
        (("cyril", "Cyril", "Blanc"), ("nora", "Nora", "Haddou")),
        (("anne", "Anne", "Rey"),),
        ("lea", "Léa", "Vial"),
        (("Atelier", 8, 7),),
        (("Centre social Berriat", "Grenoble"), ("CCAS de Grenoble", "Grenoble")),
    ),
    DemoSite(
        "lyon",
        "Lyon",
        "Lyon, Guillotière",
        "Lyon",
        "69007",
        "69387",
        "41 grande rue de la Guillotière",
        "Métro Guillotière, ligne D",
        "04 99 00 69 69",
        45.7530,
        4.8430,
        "Mo,We 09:00-12:30,14:00-17:00; Tu,Th,Fr 09:00-12:30",
        8,
        9,
        "arabe, albanais, anglais",
        "no",
        10,
        (("quentin", "Quentin", "Faure"), ("samba", "Samba", "Ly")),
        (("denise", "Denise", "Michaud"),),
        ("emma", "Emma", "Perret"),
        (("Salle 7", 8, 8),),
        (("Maison de la Métropole, Lyon 7e", "Lyon"), ("Foyer Gerland", "Lyon")),
    ),
    DemoSite(
        "lille",
        "Lille",
        "Lille, Wazemmes",
        "Lille",
        "59000",
        "59350",
        "31 rue des Sarrazins",
        "Métro Gambetta, ligne 1",
        "03 99 00 59 59",
        50.6240,
        3.0520,
        "Mo,Tu 09:00-12:30,14:00-17:00; Th 09:00-12:30,14:00-18:30; Fr 09:00-12:30",
        6,
        6,
        "arabe, polonais, anglais",
        "yes",
        None,
        (("benoit", "Benoît", "Dewaele"), ("rim", "Rim", "Saadi")),
        (("josette", "Josette", "Carlier"),),
        ("manon", "Manon", "Lecocq"),
        (("Salle d’en haut", 8, 6),),
        (("CCAS de Lille, Wazemmes", "Lille"), ("Résidence sociale Moulins", "Lille")),
    ),
)

# One account per role, all on the first site's antenna, printed at start and offered on the sign-in page.
PASSWORD = "demonstration"
SAMIRA = ("samira", "Samira", "Aubry", "assistante sociale")
OMAR = ("omar", "Omar", "Vidal", "matériel")
ELISE = ("elise", "Élise", "Marchetti", "développement local, Paris")
LUCIE = ("lucie", "Lucie", "Hamelin", "responsable du programme")
ADMIN = ("admin", "Alex", "Dumas", "administration")
ROLE_ACCOUNTS = ("samira", "nadia", "karim", "helene", "omar", "elise", "lucie", "admin")
REFERRER_NAMES = (
    ("Claudine", "Poirier"),
    ("Yann", "Le Bihan"),
    ("Sarah", "Benchetrit"),
    ("Dominique", "Aubert"),
    ("Malika", "Saïdi"),
    ("Éric", "Vannier"),
    ("Solène", "Guyot"),
    ("Farah", "Amari"),
    ("Laurent", "Petit"),
    ("Hortense", "Mabille"),
    ("Nicolas", "Roux"),
    ("Isabelle", "Kaminski"),
    ("Julie", "Besson"),
    ("Thomas", "Arnaud"),
    ("Awa", "Gueye"),
    ("Pauline", "Teissier"),
    ("Rachid", "Amrouche"),
    ("Céline", "Dupuis"),
)
OFFICERS = {
    "Saint-Denis": ("lina", "Lina", "Cassel"),
    "Marseille": ("paul.m", "Paul", "Orsini"),
    "Grenoble": ("maud", "Maud", "Girod"),
    "Lyon": ("adele", "Adèle", "Chambon"),
    "Lille": ("simon", "Simon", "Wattel"),
}
