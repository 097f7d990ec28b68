"""Exports: start one by a plain form, watch it, download its bundle."""

from datetime import UTC, datetime, time
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from audit import queries
from audit.access import Reader, export_or_404, exportable_trails, readable_exports
from audit.exporting import bundles
from audit.exporting.bundle_response import bundle_response
from audit.exporting.period import EARLIEST, LATEST, PeriodError, export_params
from audit.exporting.request import ExportInProgress, ExportsFull, request_export
from audit.exporting.state import ExportState
from audit.models import Job, Trail
from audit.web.fragment import is_fragment
from audit.web.keyset import number_in


class TrailChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic in the stubs only
    def label_from_instance(self, obj: Trail) -> str:
        return obj.name


class DayField(forms.DateField):
    """A day as browsers send it, 2026-10-31, or nothing."""

    def __init__(self, **more: Any) -> None:
        days = {
            "type": "date",
            "min": f"{EARLIEST:%Y-%m-%d}",
            "max": f"{LATEST:%Y-%m-%d}",
        }
        super().__init__(
            required=False, input_formats=["%Y-%m-%d"], widget=forms.DateInput(attrs=days), **more
        )


class ExportForm(forms.Form):
    """A trail, and the days that a report on it shall cover: from 00:00 UTC of the first to the end
    of the last."""

    trail = TrailChoice(Trail.objects.none(), label=_("Trail"), empty_label=None)
    first_day = DayField(label=_("First day (UTC)"))
    end_day = DayField(label=_("Day after the last (UTC)"))

    def __init__(self, reader: Reader, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["trail"]
        assert isinstance(choice, forms.ModelChoiceField)  # noqa: S101 - declared above
        choice.queryset = exportable_trails(reader)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        trail = cleaned.get("trail")
        if trail is not None and not self.errors:
            try:
                cleaned["params"] = export_params(
                    trail, self._midnight("first_day"), self._midnight("end_day")
                )
            except PeriodError as error:
                self.add_error("end_day" if error.end else "first_day", str(error))
        return cleaned

    def _midnight(self, name: str) -> datetime | None:
        day = self.cleaned_data.get(name)
        return None if day is None else datetime.combine(day, time(), UTC)


@require_http_methods(["GET", "HEAD", "POST"])
def exports(request: HttpRequest) -> HttpResponse:
    """Past exports, and the form that starts one."""
    status = 200
    form = ExportForm(
        request.user, request.POST or None, initial={"trail": request.GET.get("trail")}
    )
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(
                "export",
                pk=request_export(
                    form.cleaned_data["trail"], form.cleaned_data["params"], reader=request.user
                ).pk,
            )
        except (ExportInProgress, ExportsFull) as error:
            form.add_error(None, str(error))
            status = 409 if isinstance(error, ExportInProgress) else 503
    elif form.errors:
        status = 400
    listed = (
        readable_exports(request.user)
        .select_related("trail")
        .defer("trail__secret", "trail__compact")
    )
    before = number_in(request, "before")
    jobs = list(
        (listed if before is None else listed.filter(pk__lt=before))[: queries.EXPORTS_A_PAGE + 1]
    )
    page = jobs[: queries.EXPORTS_A_PAGE]
    context = {
        "form": form,
        "jobs": page,
        "older": page[-1].pk if len(jobs) > len(page) else None,
        "may": bool(_choices(form)),
    }
    return render(request, "audit/exports.html", context, status=status)


@require_safe
def export(request: HttpRequest, pk: int) -> HttpResponse:
    """One export and how far it has come; the fragment asks for itself again until the job has
    ended."""
    return _export_page(request, export_or_404(request.user, pk))


@require_safe
def download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The bundle; where it is there no more, the page that says so."""
    job = export_or_404(request.user, pk)
    return _export_page(request, job, status=410) if bundles.is_gone(job) else bundle_response(job)


def _export_page(request: HttpRequest, job: Job, status: int = 200) -> HttpResponse:
    template = "audit/_export.html" if is_fragment(request) else "audit/export.html"
    return render(request, template, {"job": job, "export": ExportState.of(job)}, status=status)


def _choices(form: ExportForm) -> list[Trail]:
    choice = form.fields["trail"]
    return (
        list(choice.queryset)
        if isinstance(choice, forms.ModelChoiceField) and choice.queryset is not None
        else []
    )
