"""The ledger's pages."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from audit.web import exports, seals, signing_in, trails

urlpatterns = [
    path("sign-in/", signing_in.SignIn.as_view(), name="sign-in"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
    path("trails/", trails.trails, name="trails"),
    path("trails/<int:number>/", trails.trail, name="trail"),
    path("trails/<int:number>/entries/<int:index>/", trails.entry, name="entry"),
    path("trails/<int:number>/entries/<int:index>/content", trails.content, name="entry-content"),
    path("seals/", seals.seals, name="seals"),
    path("seals/<int:epoch>/", seals.seal, name="seal"),
    path("seals/<int:epoch>/checkpoint", seals.checkpoint, name="checkpoint"),
    path("trust.txt", seals.trust, name="trust"),
    path("exports/", exports.exports, name="exports"),
    path("exports/<int:pk>/", exports.export, name="export"),
    path("exports/<int:pk>/download", exports.download, name="export-download"),
]
