"""The ledger's endpoints, below `/api/v1/`."""

from django.urls import path

from audit.api import exports

urlpatterns = [
    path("exports", exports.Exports.as_view(), name="api-exports"),
    path("exports/<int:pk>", exports.Export.as_view(), name="api-export"),
    path("exports/<int:pk>/download", exports.Download.as_view(), name="api-export-download"),
]
