"""The addresses of the API, under /api/v1/."""

from django.urls import path

from sovereignty.api.facts import FactsView

urlpatterns = [
    path("facts", FactsView.as_view(), name="api-facts"),
]
