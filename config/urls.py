"""Every address of the deployment, and where a subject that the ledger names has its page.

The ledger's pages link home to `subject-<kind>`: a trail's owner `tenant:st-mary` and an entry's
subject `workload/triage-7b`.
"""

from django.urls import URLPattern, URLResolver, include, path

from sovereignty.web import tenants, workloads

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("sovereignty.web.urls")),
    path("", include("audit.web.urls")),
    path("api/v1/", include("audit.api.urls")),
    path("api/v1/", include("sovereignty.api.urls")),
    path("tenants/<int:trail>/", tenants.tenant, name="subject-tenant"),
    path("tenants/<int:trail>/workloads/<path:key>/", workloads.workload, name="subject-workload"),
]

handler400 = "config.errors.bad_request"
handler403 = "config.errors.permission_denied"
handler404 = "config.errors.page_not_found"
handler500 = "config.errors.server_error"
