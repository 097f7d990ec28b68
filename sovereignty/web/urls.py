"""The domain's pages. A tenant is named by its trail's number, so that the right to read is asked
in one place."""

from django.urls import path

from sovereignty.web import findings, overview, tenants, workloads

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("findings/", findings.groups, name="findings"),
    path("findings/each/", findings.each, name="findings-each"),
    path("findings/<int:pk>/", findings.finding, name="finding"),
    path("tenants/<int:trail>/", tenants.tenant, name="tenant"),
    path("tenants/<int:trail>/workloads/<path:key>/", workloads.workload, name="workload"),
]
