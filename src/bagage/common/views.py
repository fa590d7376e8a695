"""Pages that belong to no activity: refusals, help, rights, the gallery of components, small files."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.translation import gettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe
from django.views.i18n import set_language as django_set_language

from bagage.common.careful import Matter, cautions
from bagage.common.gallery import gallery_context
from bagage.common.middleware import back_url, is_htmx, problem, toast_response, wants_json


def _refusal(request: HttpRequest, status: int, template: str, message: str) -> HttpResponse:
    """One refusal, in the form in which it was asked."""
    if is_htmx(request):
        return toast_response(message, status=status, level="danger")
    if wants_json(request):
        return problem(status, message)
    return render(request, template, {"message": message, "back": back_url(request)}, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the address or what was sent cannot be read."""
    return _refusal(request, 400, "errors/400.html", gettext("Cette demande n’a pas pu être lue."))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: in one's scope, but not for one's role."""
    return _refusal(request, 403, "errors/403.html", gettext("Votre rôle ne permet pas de faire cela."))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: nothing there, or out of one's scope; the two are not told apart."""
    return _refusal(
        request,
        404,
        "errors/404.html",
        gettext("Cette page n’existe pas, ou n’est pas dans vos permanences."),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """500: rendered without the database, the session or any context processor, since one of them may be what broke."""
    message = gettext("Le serveur n’a pas pu répondre. Rien n’est perdu : réessayez.")
    if is_htmx(request):
        return toast_response(message, status=500, level="danger")
    if wants_json(request):
        return problem(500, message)
    return HttpResponse(render_to_string("errors/500.html", {"message": message}), status=500)


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form was too old, or the session changed since it was opened. What was typed is kept by the browser."""
    return _refusal(
        request,
        403,
        "errors/csrf.html",
        gettext(
            "Ce formulaire est resté ouvert trop longtemps. Rouvrez la page : ce que vous avez tapé est gardé."
        ),
    )


@login_not_required
@require_safe
def ping(request: HttpRequest) -> HttpResponse:
    """Whether the server can be reached, asked by a form before it is sent; touches neither session nor database."""
    response = HttpResponse(status=204)
    response["Cache-Control"] = "no-store"
    return response


@login_not_required
@require_safe
@cache_control(public=True, max_age=86_400)
def favicon(request: HttpRequest) -> HttpResponse:
    """For browsers that ask for /favicon.ico whatever the page says."""
    return redirect(static("bagage/app-icon.svg"))


@login_not_required
@require_safe
@cache_control(public=True, max_age=86_400)
def manifest(request: HttpRequest) -> JsonResponse:
    """The web manifest: name, colours and icon once the site is put on a home screen."""
    return JsonResponse(
        {
            "name": "Bagage",
            "short_name": "Bagage",
            "lang": "fr",
            "start_url": "/",
            "display": "standalone",
            "background_color": "#f6f0e6",
            "theme_color": "#0d4a4f",
            "icons": [{"src": static("bagage/app-icon.svg"), "sizes": "any", "type": "image/svg+xml"}],
        },
        content_type="application/manifest+json",
    )


@login_not_required
def set_language(request: HttpRequest) -> HttpResponse:
    """Changes the language of the screens, by a form that works without JavaScript."""
    response: HttpResponse = django_set_language(request)
    return response


@login_not_required
@require_safe
def help(request: HttpRequest) -> HttpResponse:
    """How to do the few things one does each day."""
    return render(request, "common/help.html", {"idle": settings.IDLE_MINUTES})


@login_not_required
@require_POST
def careful(request: HttpRequest) -> HttpResponse:
    """What had better not stand in a note, while it is typed (:mod:`bagage.common.careful`); nothing of it is kept."""
    text = next((value for name, value in request.POST.items() if name != "csrfmiddlewaretoken"), "")
    said = {
        Matter.JUDGES: gettext("« %(word)s » juge. Écrivez ce qui s’est passé, ou ce qu’elle demande."),
        Matter.HEALTH: gettext("« %(word)s » parle de santé. Écrivez seulement ce dont elle a besoin ici."),
        Matter.RELIGION: gettext("« %(word)s » parle de religion. Une note n’en a pas besoin."),
        Matter.ORIGIN: gettext("« %(word)s » parle d’origine. Ses langues suffisent pour l’accueillir."),
        Matter.POLICE: gettext("« %(word)s » parle de police ou de justice. Une note n’en garde rien."),
        Matter.PRIVATE: gettext("« %(word)s » touche à sa vie privée. Une note n’en a pas besoin."),
    }
    lines = [said[one.matter] % {"word": one.word} for one in cautions(text)]
    return HttpResponse(render_to_string("common/_careful.html", {"lines": lines}))


@login_not_required
@require_safe
def rights_notice(request: HttpRequest) -> HttpResponse:
    """What is kept about persons and staff, why, how long, and how to object: in plain words."""
    return render(request, "common/rights_notice.html")


@login_not_required
@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    """Every component in every state, once: the reference of whoever makes a screen."""
    context = gallery_context(request)
    if context["table"].export:
        answer: HttpResponse = context["table"].response()
        return answer
    return render(request, "common/gallery.html", context)
