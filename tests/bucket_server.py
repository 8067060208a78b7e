"""As much of an S3 as storing, reading, listing and removing files takes."""

import re
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

from django.conf import settings


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    headers: dict


class BucketServer:
    """One bucket on the loopback; requests without a signature are refused."""

    def __init__(self, bucket):
        self.bucket = bucket
        self.objects = {}
        self.requests = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True

    def __enter__(self):
        Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *failure):
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def storages(self):
        """The setting STORAGES that has the product's files here."""
        options = {
            "bucket_name": self.bucket,
            "endpoint_url": self.url,
            "region_name": "eu-central-1",
            "access_key": "tests-access",
            "secret_key": "tests-secret",
        }
        return {
            **settings.STORAGES,
            "default": {**settings.BUCKET_FILES, "OPTIONS": options},
        }

    def _handler(self):
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                server._answer(self)

            do_PUT = do_HEAD = do_DELETE = do_GET  # noqa: N815 - the names http.server asks for

            def log_message(self, *arguments):
                pass

        return Handler

    def _answer(self, handler):
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        address = urlsplit(handler.path)
        self.requests.append(Asked(handler.command, address.path, dict(handler.headers)))
        prefix = f"/{self.bucket}"
        name = unquote(address.path.removeprefix(prefix)).lstrip("/")
        if not handler.headers.get("Authorization", "").startswith("AWS4-HMAC-SHA256 "):
            _say(handler, 403)
        elif not address.path.startswith(prefix):
            _say(handler, 404)
        elif handler.command == "PUT":
            self.objects[name] = body
            _say(handler, 200, headers={"ETag": '"1"'})
        elif handler.command == "DELETE":
            self.objects.pop(name, None)
            _say(handler, 204)
        elif not name:
            _say(handler, 200, self._listing(parse_qs(address.query)))
        elif name not in self.objects:
            _say(handler, 404)
        else:
            _say_part(handler, self.objects[name])

    def _listing(self, query):
        start = query.get("prefix", [""])[0]
        rest = [name.removeprefix(start) for name in self.objects if name.startswith(start)]
        folders = {one.partition("/")[0] for one in rest if "/" in one}
        files = [one for one in rest if "/" not in one]
        common = "".join(
            f"<CommonPrefixes><Prefix>{escape(start + one)}/</Prefix></CommonPrefixes>"
            for one in sorted(folders)
        )
        contents = "".join(
            f"<Contents><Key>{escape(start + one)}</Key><Size>1</Size></Contents>" for one in files
        )
        return f"<ListBucketResult>{contents}{common}</ListBucketResult>".encode()


def _say(handler, status, body=b"", headers=()):
    handler.send_response(status)
    for name, value in dict(headers).items():
        handler.send_header(name, value)
    if status != 204:
        handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    if handler.command != "HEAD":
        handler.wfile.write(body)


def _say_part(handler, content):
    asked = re.fullmatch(r"bytes=(\d+)-(\d*)", handler.headers.get("Range", ""))
    headers = {"ETag": '"1"', "Last-Modified": "Mon, 23 Nov 2026 10:00:00 GMT"}
    if asked is None:
        _say(handler, 200, content, headers)
        return
    first, last = int(asked[1]), int(asked[2] or len(content) - 1)
    headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
    _say(handler, 206, content[first : last + 1], headers)
