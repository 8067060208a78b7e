"""Values, bodies and headers that nobody well-meaning sends. All of them are our own."""

import gzip
import json
from copy import deepcopy

DEEP = "[" * 5_000 + "]" * 5_000
MARKUP = "\"'><img src=x onerror=alert(1)><svg/onload=alert(2)>{{7*7}}${7*7}"
# What a place in JSON may hold instead of what belongs there.
WRONG = (
    None,
    True,
    -1,
    10**400,
    1.5e308,
    "",
    "\x00",
    "\ud800",
    "z" * 20_000,
    [],
    {},
    [None],
    [[[{}]]],
    {"": None},
    {"id": {"id": []}},
)
# The same of a field in a form or a query.
TEXTS = (
    "",
    "\x00",
    "a\x00b\r\nSet-Cookie: a=b",
    MARKUP,
    '=HYPERLINK("http://evil.example")',
    "../../../../etc/passwd",
    "9" * 5_000,
    "-9223372036854775809",
    "2026-13-45",
    "ž" * 20_001,
    "\u202etxt.exe\u0000",
    "%s%n%(pk)s{0.__class__}",
    "[1,2",
    "٣",
)
BODIES = {
    "nothing": b"",
    "blank": b" \r\n\t",
    "a NUL": b"\x00",
    "no JSON": b"from=385991903327&text=Hello",
    "XML": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    "half": b'{"results": [{"messageId": "cut',
    "null": b"null",
    "a number": b"7",
    "a text": b'"results"',
    "no result": b'{"results": []}',
    "results of another kind": b'{"results": "all of them"}',
    "results in results": b'{"results": [{"results": [{"results": []}]}]}',
    "NaN": b'{"results": [{"messageId": NaN, "price": Infinity, "text": -Infinity}]}',
    "twice the same key": b'{"results": [{"messageId": "d-1", "text": "a", "text": "b"}]}',
    "twice the results": b'{"results": [{"messageId": "d-8"}], "results": [{"messageId": "d-9"}]}',
    "huge number": b'{"results": [{"messageId": ' + b"9" * 6_000 + b"}]}",
    "huge exponent": b'{"results": [{"messageId": 1e999999, "receivedAt": -1e999999}]}',
    "deep": DEEP.encode(),
    "deep in an item": b'{"results": [{"messageId": "d-2", "text": ' + DEEP.encode() + b"}]}",
    "marked": b'\xef\xbb\xbf{"results": [{"messageId": "d-3", "text": "Hello"}]}',
    "UTF-16": '{"results": [{"messageId": "d-4", "text": "Hello"}]}'.encode("utf-16"),
    "UTF-32": '{"results": [{"messageId": "d-5", "text": "Hello"}]}'.encode("utf-32"),
    "no text at all": b'{"results": [{"text": "\xff\xfe\xed\xa0\x80"}]}',
    "lone surrogates": b'{"results": [{"messageId": "\\ud800", "text": "\\udfff\\u0000"}]}',
    "a million": b'{"results": [' + b"0," * 999_999 + b"0]}",
    "many and one bad": json.dumps(
        {"results": [{"messageId": f"d-{n}", "text": "Hello"} for n in range(50)] + [[]]}
    ).encode(),
    "attachments of nothing": b'{"results": [{"messageId": "d-6", "message": '
    b'[{"type": "IMAGE", "url": null}, null, {"type": null}]}]}',
    "prototype": b'{"__proto__": {"results": [1]}, "constructor": {"name": "x"}}',
    "classes": b'{"py/object": "os.system", "results": [{"__class__": "x", "messageId": "d-7"}]}',
}
BOMB = gzip.compress(b"[" + b" " * 64 * 1024 * 1024 + b"]")
LONG = "x" * 60_000
HEADERS = (
    {"HTTP_X_FORWARDED_HOST": "evil.example"},
    {"HTTP_X_FORWARDED_PROTO": "https, http", "HTTP_X_FORWARDED_FOR": "127.0.0.1, ::1, x"},
    {"HTTP_X_FORWARDED_FOR": "\x00'; DROP TABLE x; --"},
    {"HTTP_FORWARDED": "for=127.0.0.1;host=globex.localhost;proto=https"},
    {"HTTP_X_REWRITE_URL": "/operator/", "HTTP_X_ORIGINAL_URL": "/operator/"},
    {"HTTP_X_HTTP_METHOD_OVERRIDE": "DELETE"},
    {"REMOTE_USER": "ana-O", "HTTP_REMOTE_USER": "olga", "HTTP_X_REMOTE_USER": "olga"},
    {"HTTP_ACCEPT": "application/xml;q=x, */*;q=-1, ;;;"},
    {"HTTP_ACCEPT_LANGUAGE": "x" * 600 + ", *;q=9, ../../etc"},
    {"HTTP_ACCEPT_ENCODING": "gzip;q=nan"},
    {"HTTP_COOKIE": "sessionid=\x00; csrftoken=; =;;; messages=W1tdXQ"},
    {"HTTP_COOKIE": f"sessionid={LONG}; messages={LONG}"},
    {"HTTP_AUTHORIZATION": f"Bearer {LONG}"},
    {"HTTP_AUTHORIZATION": "Bearer \xff\xfe\x00 a b c"},
    {"HTTP_AUTHORIZATION": "Bearer a.b.c"},
    {"HTTP_RANGE": "bytes=9-1,0-0,-" + "9" * 400},
    {"HTTP_IF_MODIFIED_SINCE": "Thu, 99 Foo 99999 99:99:99 GMT"},
    {"HTTP_IF_NONE_MATCH": 'W/"\xff", *, "'},
    {"HTTP_ORIGIN": "null", "HTTP_REFERER": "http://[::1"},
    {"HTTP_X_CSRFTOKEN": "\x00" * 70},
    {"HTTP_X_REQUEST_ID": f"{LONG}\x00"},
    {"HTTP_TRACEPARENT": f"00-{'g' * 32}-{'0' * 16}-zz", "HTTP_BAGGAGE": LONG},
    {"HTTP_HX_REQUEST": "true", "HTTP_HX_CURRENT_URL": "http://[", "HTTP_HX_TARGET": MARKUP},
    {"CONTENT_LENGTH": "-1"},
    {"CONTENT_LENGTH": "9" * 30},
    {"content_type": "multipart/form-data"},
    {"content_type": "multipart/form-data; boundary=" + "b" * 500},
    {"content_type": "application/x-www-form-urlencoded; charset=utf-7"},
    {"content_type": "application/x-www-form-urlencoded; charset=nonsense"},
    {"content_type": "\xff/\x00"},
    {"HTTP_CONTENT_ENCODING": "gzip"},
    {"HTTP_TRANSFER_ENCODING": "chunked, identity"},
)


def damaged(value):
    """Yield copies of a JSON value in which one place, however deep, holds what it must not."""
    for path in _places(value):
        for wrong in WRONG:
            copy = deepcopy(value)
            inner = copy
            for step in path[:-1]:
                inner = inner[step]
            inner[path[-1]] = wrong
            yield path, copy


def without(value):
    """Yield copies of a JSON object in which one place is missing."""
    for path in _places(value):
        copy = deepcopy(value)
        inner = copy
        for step in path[:-1]:
            inner = inner[step]
        del inner[path[-1]]
        yield path, copy


def doubled(*objects):
    """Return the JSON of one object that says what each of these says, keys again and again."""
    pairs = (pair for each in objects for pair in each.items())
    return (
        f"{{{', '.join(f'{json.dumps(key)}: {json.dumps(said)}' for key, said in pairs)}}}".encode()
    )


def _places(value, path=()):
    if isinstance(value, dict):
        steps = list(value)
    elif isinstance(value, list):
        steps = list(range(len(value)))
    else:
        return
    for step in steps:
        yield (*path, step)
        yield from _places(value[step], (*path, step))
