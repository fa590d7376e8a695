"""Roles, and the acts each one opens on the node where it is given and on all below it.

An ability is a word such as ``"receive"``; permission functions ask for one, never for a role, so that what a
role may do is read here in one place. Source: ``mission.md`` (who uses it, rule 6) and ``house.md`` (scope).
"""

from enum import StrEnum


class Role(StrEnum):
    """What someone does on a node of the tree."""

    REFERRER = "referrer"
    RECEPTIONIST = "receptionist"
    VOLUNTEER = "volunteer"
    ADVISER = "adviser"
    LOGISTICS = "logistics"
    LOCAL_OFFICER = "local_officer"
    PROGRAMME_LEAD = "programme_lead"
    ADMINISTRATOR = "administrator"


class Ability(StrEnum):
    """One kind of act."""

    REFER = "refer"  # send a referral from this organisation, follow one's own
    WELCOME = "welcome"  # see Today, put a walk-in in the queue, count a help without a name
    RECEIVE = "receive"  # answer referrals, give, move and cancel appointments, note arrivals
    LOOK_UP = "look_up"  # ask who someone may be, network-wide; open a file; mark two files as one person
    READ_FILE = "read_file"  # open the file of a person followed in this scope
    READ_DIAGNOSIS = "read_diagnosis"  # see answers of the interview, obstacles, notes
    INTERVIEW = "interview"  # ask and write down the welcome interview
    BE_BOOKED = "be_booked"  # appear as someone with whom an appointment can be taken
    TELL = "tell"  # work through the paper list of messages
    RUN_SITE = "run_site"  # hours, rooms, computers, opening blocks
    RUN_REFERRERS = "run_referrers"  # referring organisations and their links
    RUN_STAFF = "run_staff"  # invite, change roles, close accounts
    READ_TRAIL = "read_trail"  # who did and read what
    RUN_HOUSE = "run_house"  # settings of the installation: messages, retention, set-up
    READ_CATALOGUE = "read_catalogue"  # offers of telephone and Internet, their conditions and dates
    KEEP_CATALOGUE = "keep_catalogue"  # add, replace, end, verify and import offers
    SEE_FIGURES = "see_figures"  # figures of the day without names
    SELL = "sell"  # the counter: sell within her cap, refund, correct; open and close the till
    GRANT_RIGHTS = "grant_rights"  # open, renew and end a window of access
    RUN_SHOP = "run_shop"  # products, prices, caps and periods
    KEEP_STOCK = "keep_stock"  # what comes in and what is counted: cards, top-ups, devices
    SEE_DEVICES = "see_devices"  # the board of devices; names only of those whose file one may read
    HAND_OVER = "hand_over"  # reserve a device for a person, hand it over, take it back
    PLAN_SESSIONS = "plan_sessions"  # add, change and call off sessions
    LEAD_SESSION = "lead_session"  # take the attendance of a session, note what each can do
    ORIENT = "orient"  # send a person on to a library, an association
    CLOSE_JOURNEY = "close_journey"  # exit, follow-up, coming back
    IMPORT_DATA = (
        "import_data"  # bring in spreadsheets, undo a batch; what a kind of file holds asks for more
    )
    KEEP_PRIVACY = "keep_privacy"  # what is held and for how long: erase, freeze, give a person all about her


_A = Ability
ABILITIES: dict[Role, frozenset[Ability]] = {
    Role.REFERRER: frozenset({_A.REFER}),
    Role.RECEPTIONIST: frozenset(
        {
            _A.WELCOME,
            _A.RECEIVE,
            _A.LOOK_UP,
            _A.READ_FILE,
            _A.TELL,
            _A.READ_CATALOGUE,
            _A.SEE_FIGURES,
            _A.SELL,
            _A.GRANT_RIGHTS,
            _A.SEE_DEVICES,
            _A.HAND_OVER,
            _A.LEAD_SESSION,
            _A.ORIENT,
        }
    ),
    # A volunteer reads the files of those booked or queued with her, and of no one else.
    Role.VOLUNTEER: frozenset(
        {
            _A.WELCOME,
            _A.BE_BOOKED,
            _A.READ_CATALOGUE,
            _A.SEE_FIGURES,
            _A.LEAD_SESSION,
        }
    ),
    Role.ADVISER: frozenset(
        {
            _A.WELCOME,
            _A.RECEIVE,
            _A.LOOK_UP,
            _A.READ_FILE,
            _A.READ_DIAGNOSIS,
            _A.INTERVIEW,
            _A.BE_BOOKED,
            _A.TELL,
            _A.READ_CATALOGUE,
            _A.SEE_FIGURES,
            _A.SELL,
            _A.GRANT_RIGHTS,
            _A.SEE_DEVICES,
            _A.HAND_OVER,
            _A.PLAN_SESSIONS,
            _A.LEAD_SESSION,
            _A.ORIENT,
            _A.CLOSE_JOURNEY,
        }
    ),
    Role.LOGISTICS: frozenset(
        {
            _A.READ_CATALOGUE,
            _A.SEE_FIGURES,
            _A.KEEP_STOCK,
            _A.SEE_DEVICES,
        }
    ),
    Role.LOCAL_OFFICER: frozenset(
        {_A.RUN_REFERRERS, _A.READ_CATALOGUE, _A.KEEP_CATALOGUE, _A.SEE_FIGURES, _A.IMPORT_DATA}
    ),
    Role.PROGRAMME_LEAD: frozenset(
        {
            _A.WELCOME,
            _A.RECEIVE,
            _A.LOOK_UP,
            _A.READ_FILE,
            _A.READ_DIAGNOSIS,
            _A.TELL,
            _A.RUN_SITE,
            _A.RUN_REFERRERS,
            _A.READ_TRAIL,
            _A.READ_CATALOGUE,
            _A.KEEP_CATALOGUE,
            _A.SEE_FIGURES,
            _A.SELL,
            _A.GRANT_RIGHTS,
            _A.RUN_SHOP,
            _A.KEEP_STOCK,
            _A.SEE_DEVICES,
            _A.HAND_OVER,
            _A.PLAN_SESSIONS,
            _A.LEAD_SESSION,
            _A.ORIENT,
            _A.CLOSE_JOURNEY,
            _A.IMPORT_DATA,
            _A.KEEP_PRIVACY,
        }
    ),
    Role.ADMINISTRATOR: frozenset(
        {
            _A.RUN_SITE,
            _A.RUN_REFERRERS,
            _A.RUN_STAFF,
            _A.READ_TRAIL,
            _A.RUN_HOUSE,
            _A.READ_CATALOGUE,
            _A.KEEP_CATALOGUE,
            _A.SEE_FIGURES,
            _A.RUN_SHOP,
            _A.IMPORT_DATA,
            _A.KEEP_PRIVACY,
        }
    ),
}


def roles_with(ability: Ability) -> frozenset[Role]:
    """The roles that open an act."""
    return frozenset(role for role, abilities in ABILITIES.items() if ability in abilities)
