"""The suite's own checks: `python3 -m unittest discover suite`.

A case must be able to fail: each row names the fault of `faulty_server.py` that it catches, and is played against it.
"""

import contextlib
import io
import json
import os
import re
import shlex
import socket
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import faulty_server  # noqa: E402  (the folder must be on the path first)
import run  # noqa: E402
from player import cases, checks, values  # noqa: E402
from player.play import FAILED, NOT_APPLICABLE, UNUSUAL, Player  # noqa: E402
from player.server import Server, Unusable  # noqa: E402
from player.wire import Address, Request, Wire  # noqa: E402

ALL = cases.load()

# What the server describes, whether it has ranges, and which page is read.
PROFILES = (
    ("strong", True, "/page"),
    ("weak", True, "/page"),
    ("date", True, "/page"),
    ("tag", True, "/page"),
    ("bare", True, "/page"),
    ("strong", False, "/page"),
    ("strong", True, "/packed"),
)

SECTIONS = {
    9110: {
        "5.1", "5.2", "5.3", "5.4", "5.5", "5.6.1", "5.6.1.2", "5.6.3", "5.6.7", "8.6", "8.8.1", "8.8.2", "8.8.2.1",
        "8.8.3", "8.8.3.2", "8.8.3.3", "9.3.2", "9.3.4", "10.1.1", "13.1.1", "13.1.2", "13.1.3", "13.1.4", "13.1.5",
        "13.2.1", "13.2.2", "14.2", "14.4", "15.3.7", "15.4.5", "15.5.13",
    },
    6585: {"3"},
}


def options_of(url, page="/page"):
    return [
        url + page, "--write", f"{url}/document", "--create", url + "/new-{n}", "--required", f"{url}/strict",
        "--post", f"{url}/document", "--missing", f"{url}/nothing", "--redirect", f"{url}/moved",
        "--forbidden", f"{url}/private", "--patch-body", "patch {n}",
    ]


@contextlib.contextmanager
def serving(profile="strong", faults=(), ranges=True):
    server = faulty_server.Server(profile, faults, ranges)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def play(profile, faults, wanted):
    """The results by the ids of the cases. What a fault makes unusable is not named to the suite."""
    name, ranges, page = profile
    with serving(name, faults, ranges) as server:
        settings = run.settings_of(run.arguments(options_of(server.url, page))[1])
        while True:
            learned = Server(settings, Wire(timeout=2))
            try:
                learned.learn(wanted)
                break
            except Unusable:
                del settings.urls[learned.learning]
        player = Player(learned)
        player.PATIENCE = len(wanted) + 1
        return {case.id: player.play(case) for case in wanted}


def run_quietly(*arguments):
    """The exit status of the program, and what it printed."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = run.main([str(argument) for argument in arguments])
        except SystemExit as end:
            status = end.code
    return status, out.getvalue(), err.getvalue()


class Rows(unittest.TestCase):
    """The data."""

    def test_ids_are_unique(self):
        ids = [case.id for case in ALL]
        self.assertEqual(len(ids), len(set(ids)))

    def test_no_two_rows_ask_the_same(self):
        asked = {}
        for case in ALL:
            steps = [(step.method, step.fields, step.content, step.checks, step.expects_continue, step.at_once)
                     for step in case.steps]
            key = json.dumps([case.target, sorted(case.needs), steps])
            self.assertNotIn(key, asked, f"{case.id} asks what {asked.get(key)} asks")
            asked[key] = case.id

    def test_sections_are_those_of_the_rfcs(self):
        for case in ALL:
            self.assertIn(case.section, SECTIONS[case.rfc], case.id)

    def test_a_malformed_row_is_told(self):
        row = {"id": "a", "section": "13.1.1", "level": "MUST", "send": "GET", "answer": [200], "why": "It is."}
        cases.check(row)
        for change in (
            {"id": "A b"}, {"level": "must"}, {"section": ""}, {"why": "no full stop"}, {"answer": []},
            {"answer": ["6xx"]}, {"send": "get"}, {"fields": ["no colon"]}, {"fields": ["a: \u0100"]},
            {"fields": ["a: b\r\nc: d"]}, {"needs": ["luck"]}, {"checks": ["luck"]}, {"target": "moon"}, {"extra": 1},
            {"steps": [{"send": "GET", "answer": [200]}]},
        ):
            with self.subTest(change), self.assertRaises(cases.Malformed):
                cases.check({**row, **change})

    def test_each_template_is_covered_by_a_need(self):
        tags = {"tag", "strong", "weak", "letters"}
        for case in ALL:
            for name in re.findall(r"\{(?:old\.)?([a-z]+)", json.dumps([step.fields for step in case.steps])):
                with self.subTest(case=case.id, template=name):
                    if name == "date":
                        self.assertTrue({"date", "past-date"} & set(case.needs))
                    elif name not in ("now", "n"):
                        self.assertTrue(tags & set(case.needs))

    def test_each_check_is_known_to_the_player(self):
        self.assertEqual(set(checks.CHECKS) | {"one-passes"}, set(cases.CHECKS))

    def test_each_row_that_can_fail_names_a_fault(self):
        for case in ALL:
            with self.subTest(case.id):
                if case.level == "MAY":
                    self.assertIsNone(case.catches)
                else:
                    self.assertIn(case.catches, faulty_server.FAULTS)

    def test_the_page_tells_the_right_counts(self):
        with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "README.md"), encoding="utf-8") as page:
            text = page.read()
        self.assertTrue(text.startswith(f"# A conformance suite for HTTP conditional requests\n\n{len(ALL)} cases"))
        self.assertIn(f"It has {len(faulty_server.FAULTS)} faults", text)

    def test_each_fault_is_named_by_a_row(self):
        self.assertEqual(set(faulty_server.FAULTS) - {case.catches for case in ALL}, set())


class Play(unittest.TestCase):
    """The player, against servers whose faults are known."""

    def test_a_right_server_fails_no_case(self):
        played = set()
        for profile in PROFILES:
            with self.subTest(profile):
                results = play(profile, [], ALL)
                wrong = {id: result.problem for id, result in results.items() if result.outcome in (FAILED, UNUSUAL)}
                self.assertEqual(wrong, {})
                played |= {id for id, result in results.items() if result.outcome != NOT_APPLICABLE}
        self.assertEqual({case.id for case in ALL} - played, set(), "no profile plays these")

    def test_each_case_fails_on_the_fault_that_it_names(self):
        left = {case.id: case for case in ALL if case.catches}
        for profile in PROFILES:
            for fault in sorted({case.catches for case in left.values()}):
                results = play(profile, [fault], [case for case in left.values() if case.catches == fault])
                for id, result in results.items():
                    if result.outcome == FAILED:
                        del left[id]
        self.assertEqual({id: case.catches for id, case in left.items()}, {}, "these did not fail")


class Program(unittest.TestCase):
    """The command line: what it prints, what it changes, and when it ends."""

    def test_a_right_server_ends_with_0(self):
        with serving() as server:
            status, out, err = run_quietly(*options_of(server.url), "--strict")
        self.assertEqual((status, err), (0, ""))
        self.assertIn("MUST", out)
        self.assertNotRegex(out, "(?m)^(FAILED|UNUSUAL)")

    def test_a_failed_must_ends_with_1_and_shows_request_answer_and_rule(self):
        with serving(faults=["if-match-weak"]) as server:
            status, out, _ = run_quietly(*options_of(server.url), "--only", "if-match-put-weak-form")
        self.assertEqual(status, 1)
        for text in (
            "FAILED  if-match-put-weak-form  (MUST, RFC 9110 §8.8.3.2)", "PUT /document HTTP/1.1", 'If-Match: W/"',
            "answered  200 OK", "allowed   412", "expected 412, and the answer is 200", "repeat    curl -i",
        ):
            self.assertIn(text, out)

    def test_a_failed_should_ends_with_1_only_if_strict(self):
        with serving(faults=["if-modified-since-exact"]) as server:
            options = [*options_of(server.url), "--only", "SHOULD"]
            self.assertEqual([run_quietly(*options)[0], run_quietly(*options, "--strict")[0]], [0, 1])

    def test_json_has_every_case(self):
        with serving() as server:
            status, out, _ = run_quietly(server.url + "/page", "--json")
        page = json.loads(out)
        self.assertEqual((status, len(page["cases"])), (0, len(ALL)))
        self.assertEqual(sum(sum(found.values()) for found in page["counts"].values()), len(ALL))

    def test_what_cannot_be_played_is_counted_by_its_reason(self):
        with serving() as server:
            _, out, _ = run_quietly(server.url + "/page")
        self.assertRegex(out, r"Not applicable to this server: \d+ cases\n +\d+  needs --write")

    def test_only_takes_ids_sections_levels_and_groups(self):
        for what, expected in (
            ("if-range-*", lambda case: case.id.startswith("if-range-")),
            ("13.1.5", lambda case: case.section == "13.1.5"),
            ("SHOULD", lambda case: case.level == "SHOULD"), ("order", lambda case: case.group == "order"),
        ):
            with self.subTest(what):
                self.assertEqual([case.id for case in run.chosen([what])], [case.id for case in ALL if expected(case)])
        self.assertEqual(run_quietly("http://127.0.0.1:1/", "--only", "nothing")[0], 2)

    def test_arguments_can_stand_in_a_file(self):
        with serving() as server, tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "arguments")
            with open(path, "w", encoding="utf-8") as file:
                file.write("\n".join([*options_of(server.url), "--only", "MAY"]))
            self.assertEqual(run_quietly(f"@{path}")[0], 0)

    def test_without_permission_nothing_is_written(self):
        with serving() as server:
            methods = set()
            server.seen = methods.add
            options = ["--redirect", server.url + "/moved", "--forbidden", server.url + "/private"]
            run_quietly(server.url + "/page", *options)
            self.assertEqual(methods, {"GET", "HEAD", "OPTIONS", "TRACE", "CONDITIONAL-SUITE"})

    def test_reads_alone_write_nothing(self):
        with serving() as server:
            methods = set()
            server.seen = methods.add
            run_quietly(*options_of(server.url), "--only", "if-match-reads", "--only", "if-range-current")
            self.assertEqual(methods, {"GET", "HEAD"})

    def test_contents_are_put_back_and_creations_deleted(self):
        with serving() as server:
            before = {path: found.content for path, found in server.store.resources.items()}
            run_quietly(*options_of(server.url))
            self.assertEqual({path: found.content for path, found in server.store.resources.items()}, before)

    def test_what_cannot_be_put_back_is_told(self):
        with serving() as server:
            # From the last write on, contents are upper case.
            write = server.store.write
            server.store.write = lambda path, content: write(path, content.upper())
            _, _, err = run_quietly(*options_of(server.url))
        self.assertIn("/document is NOT as it was", err)

    def test_a_resource_that_is_not_what_it_should_be_ends_with_2(self):
        with serving() as server:
            url = server.url
            for arguments in (
                [f"{url}/nothing"], [f"{url}/moved"], ["http://127.0.0.1:1/"], ["ftp://a/"], [],
                [f"{url}/page", "--write", f"{url}/nothing"], [f"{url}/page", "--create", f"{url}/document"],
                [f"{url}/page", "--required", f"{url}/document"], [f"{url}/page", "--redirect", f"{url}/page"],
                [f"{url}/page", "--field", "no colon"], [f"{url}/page", "--field-of", "moon", "A: b"],
            ):
                with self.subTest(arguments):
                    status, out, err = run_quietly(*arguments)
                    self.assertEqual((status, out), (2, ""))
                    self.assertTrue(err)

    def test_a_server_that_stops_to_answer_does_not_hold_the_suite(self):
        with serving() as server:
            asked = []

            def seen(method):
                asked.append(method)
                if len(asked) > 20:
                    time.sleep(1.5)

            server.seen = seen
            start = time.monotonic()
            status, _, err = run_quietly(server.url + "/page", "--timeout", "0.3")
        self.assertEqual(status, 2)
        self.assertIn("cases in a row got no answer", err)
        self.assertLess(time.monotonic() - start, 20)


class OneAnswer(threading.Thread):
    """A server that keeps the octets of one request, and answers with given octets."""

    def __init__(self, answer, keep_open=False):
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}/a?b"
        self.answer, self.keep_open, self.received = answer, keep_open, b""
        self.start()

    def run(self):
        connection, _ = self.listener.accept()
        with connection, self.listener:
            while b"\r\n\r\n" not in self.received:
                self.received += connection.recv(65536)
            connection.sendall(self.answer)
            if self.keep_open:
                time.sleep(1)


class Octets(unittest.TestCase):
    """What is sent, and how answers are read."""

    def exchange(self, answer, lines=(), method="GET", keep_open=False):
        server = OneAnswer(answer, keep_open)
        found = Wire(timeout=3).exchange(Request(method, Address(server.url), lines))
        server.join()
        return found, server.received

    def test_field_lines_are_sent_as_they_are(self):
        lines = ['If-Match: "\u00fc"', "If-Match:\t x ", "iF-mAtCh:"]
        _, received = self.exchange(b"HTTP/1.1 204 No Content\r\n\r\n", lines)
        self.assertTrue(received.startswith(b"GET /a?b HTTP/1.1\r\nHost: 127.0.0.1:"))
        self.assertIn(b'\r\nIf-Match: "\xfc"\r\nIf-Match:\t x \r\niF-mAtCh:\r\n', received)

    def test_each_framing_is_read(self):
        head = b"HTTP/1.1 200 OK\r\n"
        for name, answer, content in (
            ("length", head + b"Content-Length: 3\r\n\r\nabcd", b"abc"),
            ("chunks", head + b"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1;x=y\r\nc\r\n0\r\nA: 1\r\n\r\n", b"abc"),
            ("close", head + b"\r\nabc", b"abc"),
            ("interim", b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + head + b"\r\nabc", b"abc"),
        ):
            with self.subTest(name):
                found, _ = self.exchange(answer)
                self.assertEqual((found.status, found.content, found.error), (200, content, None))

    def test_content_behind_a_304_is_seen(self):
        for keep_open in (False, True):
            found, _ = self.exchange(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\nabc", keep_open=keep_open)
            self.assertEqual((found.status, found.content), (304, b"abc"))
        found, _ = self.exchange(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n", keep_open=True)
        self.assertEqual((found.status, found.content), (304, b""))

    def test_a_broken_answer_is_an_error(self):
        short = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"
        for answer in (b"", b"HTTP/1.1 200", short, b"SSH-2.0\r\n", b"HTTP/1.1 x\r\n\r\n"):
            with self.subTest(answer):
                self.assertTrue(self.exchange(answer)[0].error)

    def test_curl_lines_repeat_the_request(self):
        lines = ['If-Match: "a", W/"b"', "If-None-Match:", "X: it's"]
        request = Request("PUT", Address("http://127.0.0.1:3000/a?b&c"), lines, b"new $x\n")
        words = shlex.split(request.curl().replace("$'", "'"))
        self.assertEqual(words[:5], ["curl", "-i", "--http1.1", "-X", "PUT"])
        for word in ('If-Match: "a", W/"b"', "If-None-Match;", "X: it's", "http://127.0.0.1:3000/a?b&c"):
            self.assertIn(word, words)
        octets = Request("GET", Address("http://a/"), ['If-Match: "\u00fc\\"']).curl()
        self.assertIn("$'If-Match: \"\\xfc\\\\\"'", octets)


class Values(unittest.TestCase):
    """Dates and templates."""

    def test_dates_are_read_only_as_imf_fixdate(self):
        self.assertEqual(values.read_date("Sun, 06 Nov 1994 08:49:37 GMT").timestamp(), 784111777)
        for text in ("Mon, 06 Nov 1994 08:49:37 GMT", "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 31 Feb 1994 08:49:37 GMT",
                     "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "", None):
            self.assertIsNone(values.read_date(text), text)

    def test_each_form_is_written(self):
        date = values.read_date("Sun, 06 Nov 1994 08:49:37 GMT")
        self.assertEqual(values.write_date(date, values.RFC_850), "Sunday, 06-Nov-94 08:49:37 GMT")
        self.assertEqual(values.write_date(date, values.ASCTIME), "Sun Nov  6 08:49:37 1994")

    def test_templates_are_filled(self):
        class Answer:
            """A 200 with both validators."""

            def field(self, name):
                return {"etag": 'W/"Ab"', "last-modified": "Sun, 06 Nov 1994 08:49:37 GMT",
                        "date": "Sun, 06 Nov 1994 09:00:00 GMT"}[name]

        found = values.Validators(Answer())
        for template, text in (
            ("{tag}", 'W/"Ab"'), ("{strong}", '"Ab"'), ("{weak}", 'W/"Ab"'), ("{opaque}", "Ab"), ("{swapped}", '"aB"'),
            ("{shorter}", '"A"'), ("{old.strong}", '"Ab"'), ("{date-1}", "Sun, 06 Nov 1994 08:49:36 GMT"),
            ("{now}", "Sun, 06 Nov 1994 09:00:00 GMT"), ("{date+86400|%Y-%m-%d}", "1994-11-07"), ("{n}", "7"),
        ):
            self.assertEqual(values.fill(template, found, found, 7), text)


if __name__ == "__main__":
    unittest.main()
