#!/usr/bin/env python3
"""Plays the suite against the servers of this repository, and fails if one deviates from a MUST or a SHOULD.

    cargo build --example conformance --example static_files --example webdav
    cargo build -p documents
    python3 suite/play_ours.py target/debug

`DEPARTURES` names the deviations that are known, each with its reason. Another one fails the play, and so does a
known one that is not seen any more.
"""

import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from collections import Counter
from urllib.parse import quote

HERE = os.path.dirname(os.path.abspath(__file__))

FIELDS = {
    "cache-control": "max-age=60",
    "content-location": "/document.txt",
    "content-type": "text/plain",
    "content-language": "en",
    "expires": "Thu, 01 Jan 2099 00:00:00 GMT",
    "vary": "accept-language",
}
DATE = {"last_modified": "Sun, 06 Nov 1994 08:49:37 GMT", "last_modified_secs": 784111777}
NO_DATE = {"last_modified": None}

MADE_UP = "the layer adds `Cache-Control: no-cache` to a 200 with Last-Modified, and not to its 304"
UNKNOWN_CODING = "`ContentCodingLayer` cannot know which coding the 200 would have; its docs name this departure"
ROUTED_INSIDE = "the example routes methods inside the layer, which evaluates before it can know of the refusal"

# The servers' deviations that are known, and their reasons.
DEPARTURES = {
    "documents": {
        "not-modified-etag-by-weak-form": UNKNOWN_CODING,
        "not-modified-etag-by-star": UNKNOWN_CODING,
        "not-modified-etag-by-date": UNKNOWN_CODING,
        "not-modified-cache-control": MADE_UP,
        "not-modified-cache-control-by-date": MADE_UP,
        "not-modified-cache-control-head": MADE_UP,
    },
    "webdav": {
        "unknown-method-if-match": ROUTED_INSIDE,
        "unknown-method-if-none-match-star": ROUTED_INSIDE,
        "not-modified-cache-control": MADE_UP,
        "not-modified-cache-control-by-date": MADE_UP,
        "not-modified-cache-control-head": MADE_UP,
    },
}

# The states of the resource that the example `conformance` plays.
STATES = {
    "a strong tag and a date": {"etag": '"Version-1"', **DATE},
    "a weak tag and a date": {"etag": 'W/"Version-1"', **DATE},
    "a strong tag": {"etag": '"Version-1"', **NO_DATE},
    "a date": {"etag": None, **DATE},
    "no validators": {"etag": None, **NO_DATE},
    "a strong tag with other octets, and content in gzip": {
        "etag": '"a,b\u00fc"', **DATE, "fields": {**FIELDS, "content-encoding": "gzip"},
    },
}


def state(**members):
    return "X-State: " + quote(json.dumps(members), safe="-._~")


def of_conformance(url, members):
    """The arguments for one state. A request says what the resource is, so no state is kept."""
    there = {"exists": True, "body_len": 60, "fields": FIELDS, **members}
    absent = state(exists=False, etag=None, last_modified=None, body_len=0)
    policy = "X-Policy: " + quote(json.dumps({"require": "if-match"}))
    arguments = [url, "--write", url, "--create", url, "--post", url, "--redirect", url, "--forbidden", url,
                 "--patch-body", "patch {n}", "--witness", "X-Handler-Ran"]
    if there["etag"]:
        arguments += ["--required", url, "--field-of", "required", policy]
    for name in ("document", "write", "post", "created", "required"):
        arguments += ["--field-of", name, state(**there)]
    for name in ("create", "missing"):
        arguments += ["--field-of", name, absent]
    for name, status in (("redirect", 301), ("forbidden", 401)):
        arguments += ["--field-of", name, state(**there, handler_status=status)]
    return arguments


def of_documents(url):
    # Long enough to be compressed.
    body = '{"title":"suite","text":"' + "text " * 100 + '{n}"}'
    there = f"{url}/documents/suite"
    return [there, "--write", there, "--create", url + "/documents/{uuid}", "--required", there,
            "--content-type", "application/json", "--body", body, "--patch-body", '{"text":"patch {n}"}']


def of_webdav(url):
    return [f"{url}/page", "--write", f"{url}/note", "--create", url + "/new-{n}"]


def of_static_files(url):
    return [f"{url}/page.txt", "--missing", f"{url}/nothing"]


class Running:
    """A server of this repository, on a free port, while the block runs."""

    def __init__(self, program, *arguments, **variables):
        self.command = [program, *arguments]
        self.variables = {**os.environ, "RUST_LOG": "off", **variables}

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True, env=self.variables)
        said = self.process.stdout.readline().removeprefix("listening on ").strip()
        if not said:
            sys.exit(f"{self.command[0]} did not start")
        return said if said.startswith("http") else f"http://{said}"

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


def put(url, content, content_type):
    asked = urllib.request.Request(url, content, {"Content-Type": content_type, "If-None-Match": "*"}, method="PUT")
    urllib.request.urlopen(asked, timeout=10).close()


class Table:
    """The counts of each play, and the cases that no server could play."""

    def __init__(self):
        self.is_right = True
        self.applicable = {}
        print(f"{'':66}{'passed':>8}{'MUST':>6}{'SHOULD':>8}{'known':>7}{'not applicable':>16}")

    def play(self, server, name, arguments):
        run = [sys.executable, os.path.join(HERE, "run.py"), "--json", *arguments]
        ended = subprocess.run(run, stdout=subprocess.PIPE, text=True, check=False)
        if ended.returncode not in (0, 1):
            sys.exit(f"{server}: the suite could not be played")
        cases = json.loads(ended.stdout)["cases"]
        known = DEPARTURES.get(server, {})
        failed = {case["id"]: case for case in cases if case["outcome"] == "failed"}
        new = [case for case in failed.values() if case["id"] not in known]
        levels = Counter(case["level"] for case in new)
        found = Counter(case["outcome"] for case in cases)
        passed = found["passed"] + found["observed"]
        known_ones = len(failed) - len(new)
        print(f"{server + ', ' + name:66}{passed:>8}{levels['MUST']:>6}{levels['SHOULD']:>8}{known_ones:>7}"
              f"{found['not applicable']:>16}", flush=True)
        for case in new:
            self.tell(f"{case['level']} failed: {case['id']} ({case['rule']}): {case['problem']}")
            print(f"    {case['exchanges'][-1]['curl']}")
        for id in known.keys() - failed.keys():
            self.tell(f"{id} does not fail any more; take it out of DEPARTURES")
        for case in cases:
            if case["outcome"] == "unusual":
                print(f"  unusual: {case['id']}: {case['problem']}")
            played = case["outcome"] != "not applicable"
            self.applicable[case["id"]] = self.applicable.get(case["id"], False) or played

    def tell(self, what):
        print(f"  {what}")
        self.is_right = False

    def finish(self):
        for server, known in DEPARTURES.items():
            for id, reason in known.items():
                print(f"known: {server}: {id}: {reason}")
        never = [id for id, played in self.applicable.items() if not played]
        print(f"{len(self.applicable) - len(never)} of {len(self.applicable)} cases apply to at least one of them; "
              f"not: {', '.join(never)}")
        return 0 if self.is_right else 1


def main():
    built = sys.argv[1] if len(sys.argv) > 1 else os.path.join(HERE, "..", "target", "debug")
    table = Table()
    with Running(f"{built}/examples/conformance", "127.0.0.1:0") as url:
        for name, members in STATES.items():
            table.play("conformance", name, of_conformance(url, members))
    with Running(f"{built}/documents", "127.0.0.1:0", DATABASE_URL="memory:") as url:
        first = json.dumps({"title": "suite", "text": "text " * 100}, separators=(",", ":"))
        put(f"{url}/documents/suite", first.encode(), "application/json")
        table.play("documents", "in memory", of_documents(url))
    with Running(f"{built}/examples/webdav", "127.0.0.1:0") as url:
        for path in ("page", "note"):
            put(f"{url}/{path}", b"What two people edit.\n", "text/plain")
        table.play("webdav", "in memory", of_webdav(url))
    with tempfile.TemporaryDirectory() as folder:
        page = os.path.join(folder, "page.txt")
        with open(page, "w", encoding="ascii") as file:
            file.write("What two people read.\n")
        os.utime(page, (784111777, 784111777))
        with Running(f"{built}/examples/static_files", folder, "127.0.0.1:0") as url:
            table.play("static_files", "a file", of_static_files(url))
    return table.finish()


if __name__ == "__main__":
    sys.exit(main())
