"""Sign in: the one page that is open to everyone."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class SignInForm(AuthenticationForm):
    error_messages = {
        "invalid_login": _("No person with this name and password may sign in. Both are case-sensitive."),
        "inactive": _("This person may no longer sign in."),
    }

    def __init__(self, request: HttpRequest | None = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        self.fields["username"].label = _("Name")
        for field in self.fields.values():
            if isinstance(field.widget, forms.TextInput):
                field.widget.attrs["autocapitalize"] = "none"


class SignIn(LoginView):
    authentication_form = SignInForm
    redirect_authenticated_user = True
    template_name = "audit/sign_in.html"
