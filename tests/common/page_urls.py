"""A small site whose pages exercise the script of ours: what is typed, sent, refused, lost."""

from types import SimpleNamespace
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template import engines
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt

from bagage.common.errors import BusinessError

# What reached the server.
RECEIVED: list[dict[str, str]] = []

PAGE = """{% extends "bare.html" %}{% block content %}<p id="who">{{ user }}</p>
<form method="post" action="/keep/" data-keep="sample" novalidate>{% csrf_token %}{% errors_summary form %}
{% field form.words %}{% field form.topic %}{% field form.way %}{% field form.agrees %}{% field form.secret %}
<button class="btn btn-primary" name="do" value="send">Envoyer</button></form>
<form method="post" action="/once/">{% csrf_token %}<button id="once">Une fois</button></form>
<form method="post" action="/logout/">{% csrf_token %}<button id="out">Sortir</button></form>
<div id="zone">intact</div>
<button id="refuse" hx-post="/refuse/" hx-target="#zone">Refuser</button>
<button id="gone" hx-post="/gone/" hx-target="#zone">Session finie</button>
<form><button type="button" id="tick" hx-post="/live/" hx-target="#zone">Cocher</button></form>
<button id="broken" hx-post="/broken/" hx-target="#zone">Panne</button>
<form id="live" hx-post="/live/" hx-target="#zone" data-keep="live">{% csrf_token %}
<label for="note">Note</label><input id="note" name="note"><button id="live-send">Noter</button></form>
{% endblock %}"""
DONE = '{% extends "bare.html" %}{% block content %}<p id="done">Reçu</p>{% endblock %}'
DOOR = '{% extends "door.html" %}{% block content %}<p id="door">Se connecter</p>{% endblock %}'


class SampleForm(forms.Form):
    words = forms.CharField(label="Ses mots", widget=forms.Textarea)
    topic = forms.ChoiceField(
        label="Sujet", choices=[("", "on ne sait pas"), ("mail", "mail")], required=False
    )
    way = forms.ChoiceField(
        label="Joindre", choices=[("sms", "SMS"), ("paper", "papier")], widget=forms.RadioSelect
    )
    agrees = forms.BooleanField(label="D’accord", required=False)
    secret = forms.CharField(label="Secret", widget=forms.PasswordInput, required=False)

    def clean_words(self) -> str:
        if "erreur" in self.cleaned_data["words"]:
            raise forms.ValidationError("Ces mots sont refusés.")
        return str(self.cleaned_data["words"])


def _page(request: HttpRequest, text: str, status: int = 200, **more: Any) -> HttpResponse:
    name = request.COOKIES.get("who", "")
    more["user"] = SimpleNamespace(is_authenticated=bool(name), pk=name or None)
    return HttpResponse(engines["django"].from_string(text).render(more, request), status=status)


@login_not_required
def keep(request: HttpRequest) -> HttpResponse:
    """The form; it is received only by someone who is signed in."""
    form = SampleForm(request.POST or None)
    if request.method == "POST":
        if not request.COOKIES.get("who"):
            return redirect("/door/")
        RECEIVED.append(dict(request.POST.items()))
        if form.is_valid():
            return redirect("/done/")
        return _page(request, PAGE, 422, form=form)
    return _page(request, PAGE, form=form)


@login_not_required
def done(request: HttpRequest) -> HttpResponse:
    return _page(request, DONE)


@login_not_required
def door(request: HttpRequest) -> HttpResponse:
    return _page(request, DOOR)


@login_not_required
@csrf_exempt
def once(request: HttpRequest) -> HttpResponse:
    RECEIVED.append({"once": "1"})
    return redirect("/done/")


@login_not_required
@csrf_exempt
def logout(request: HttpRequest) -> HttpResponse:
    response = redirect("/door/")
    response.delete_cookie("who")
    return response


@login_not_required
@csrf_exempt
def refuse(request: HttpRequest) -> HttpResponse:
    raise BusinessError("Le plafond de 30 € est atteint.")


@login_not_required
@csrf_exempt
def gone(request: HttpRequest) -> HttpResponse:
    return redirect("/door/")


@login_not_required
@csrf_exempt
def broken(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=500)


@login_not_required
def live(request: HttpRequest) -> HttpResponse:
    RECEIVED.append(dict(request.POST.items()))
    return HttpResponse("noté")


urlpatterns = [
    path("keep/", keep),
    path("done/", done),
    path("door/", door, name="account_login"),
    path("once/", once),
    path("logout/", logout),
    path("refuse/", refuse),
    path("gone/", gone),
    path("broken/", broken),
    path("live/", live),
    path("", include("bagage.common.urls")),
]
