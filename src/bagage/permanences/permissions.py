"""Who may do what at a permanence."""

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import User
from bagage.permanences.models import Appointment, QueueEntry, Session, Site


def can_welcome(user: User, site: Site) -> bool:
    """See the day, put someone in the queue, count a help without a name: reception, volunteers, advisers, leads."""
    return user.can(Ability.WELCOME, site.organisation)


def can_receive(user: User, site: Site) -> bool:
    """Give, move and cancel appointments, see everyone's day: reception, advisers, leads."""
    return user.can(Ability.RECEIVE, site.organisation)


def can_run_site(user: User, site: Site) -> bool:
    """Change hours, rooms, computers, closures, and any opening block: leads and administrators."""
    return user.can(Ability.RUN_SITE, site.organisation)


def can_open_block_for(user: User, site: Site, adviser: User) -> bool:
    """Open or withdraw opening blocks: of anyone for who runs the site, of her own for who can be booked there."""
    return can_run_site(user, site) or (
        user.pk == adviser.pk and user.can(Ability.BE_BOOKED, site.organisation)
    )


def can_see_person_of_appointment(user: User, appointment: Appointment) -> bool:
    """Read who comes: whoever receives at that site, and the one who is booked. Others see that the time is taken."""
    return appointment.adviser_id == user.pk or can_receive(user, appointment.site)


def can_note_appointment(user: User, appointment: Appointment) -> bool:
    """Note that she arrived, started, left, did not come: whoever receives there, and the one who is booked."""
    return can_see_person_of_appointment(user, appointment)


def can_see_name_in_queue(user: User, entry: QueueEntry) -> bool:
    """Read the first name of someone waiting: whoever receives there, and the one who called her."""
    return entry.helper_id == user.pk or can_receive(user, entry.site)


# ---------- sessions ----------
def can_see_sessions(user: User, site: Site) -> bool:
    """See which sessions a site has, and who is in them by short name: whoever welcomes there."""
    return user.can(Ability.WELCOME, site.organisation)


def can_plan_sessions(user: User, site: Site) -> bool:
    """Plan, change and call off sessions: advisers and programme leads."""
    return user.can(Ability.PLAN_SESSIONS, site.organisation)


def can_book_seat(user: User, site: Site) -> bool:
    """Give a seat, give it back, note an excuse: whoever gives appointments there."""
    return user.can(Ability.RECEIVE, site.organisation)


def can_lead_session(user: User, session: Session) -> bool:
    """Take the attendance, note what each can do, close and open again: its leader, and who leads there."""
    if session.leader_id == user.pk and user.can(Ability.LEAD_SESSION):
        return True
    return user.can(Ability.LEAD_SESSION, session.site.organisation)
