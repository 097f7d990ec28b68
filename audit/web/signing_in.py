"""Sign in: the one page that is open to everyone."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from audit.models import Person
from audit.people import login_throttle, passwords
from audit.people.login_throttle import TooManyTries
from audit.web.caller import address_of, device_of, remember_device

MINUTE_MS = 60_000


class SignInForm(AuthenticationForm):
    error_messages = {
        "invalid_login": _(
            "No person with this name and password may sign in. Both are case-sensitive."
        ),
        "inactive": _("This person may no longer sign in."),
    }
    wait_ms = 0  # how long the next try must wait, where this one came too soon

    def __init__(self, request: HttpRequest | None = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        self.fields["username"].label = _("Name")
        for field in self.fields.values():
            if isinstance(field.widget, forms.TextInput):
                field.widget.attrs["autocapitalize"] = "none"

    def clean(self) -> dict[str, Any]:
        """Count the try, then look at the password; keep a right one under the hash of today."""
        name = self.cleaned_data.get("username")
        if self.request is None or not name or not self.cleaned_data.get("password"):
            return self.cleaned_data  # the fields say what is missing
        keys = login_throttle.keys_of(
            name, address_of(self.request), device=device_of(self.request, name)
        )
        try:
            login_throttle.take(keys)
        except TooManyTries as error:
            self.wait_ms = error.wait_ms
            raise forms.ValidationError(_too_soon(error.wait_ms), code="too_many_tries") from error
        cleaned = super().clean()
        login_throttle.give_back(keys)
        if isinstance(self.user_cache, Person):
            passwords.renew_hash(self.user_cache, cleaned["password"])
        return cleaned


class SignIn(LoginView):
    authentication_form = SignInForm
    redirect_authenticated_user = True
    template_name = "audit/sign_in.html"

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        answer = super().form_valid(form)
        remember_device(answer, form.get_user().get_username())
        return answer

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        answer = super().form_invalid(form)
        if isinstance(form, SignInForm) and form.wait_ms:
            answer.status_code = 429
            answer.headers["Retry-After"] = str(-(-form.wait_ms // 1000))
        return answer


def _too_soon(wait_ms: int) -> str:
    minutes = -(-wait_ms // MINUTE_MS)
    message = ngettext(
        "Too many failed tries. Wait %(minutes)d minute, then try again. "
        "Earlier tries are refused.",
        "Too many failed tries. Wait %(minutes)d minutes, then try again. "
        "Earlier tries are refused.",
        minutes,
    )
    return message % {"minutes": minutes}
