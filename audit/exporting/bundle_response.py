"""A bundle as the answer to a download, the same from the page and from the API."""

from base64 import b64encode

from django.http import FileResponse, Http404
from django.http.response import HttpResponseBase

from audit.exporting import bundles
from audit.models import Job


def bundle_response(job: Job) -> HttpResponseBase:
    """The job's bundle as a stream, with its SHA-256 in the headers. Raises Http404 where there is
    none."""
    path = bundles.path_of(job)
    if path is None:
        raise Http404
    # The response closes the file.
    answer = FileResponse(
        path.open("rb"), as_attachment=True, filename=path.name, content_type="application/zip"
    )
    digest = bytes.fromhex(job.result["sha256"])
    answer.headers["Repr-Digest"] = f"sha-256=:{b64encode(digest).decode()}:"
    answer.headers["X-Content-SHA256"] = digest.hex()
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
