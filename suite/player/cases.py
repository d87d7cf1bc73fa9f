"""The cases: reads `cases/*.json`, and checks that each row is well-formed."""

import json
import os
import re

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "cases")

LEVELS = ("MUST", "SHOULD", "MAY")
TARGETS = {
    "document": None,
    "writable": "--write",
    "absent": "--create",
    "created": "--create",
    "missing": "--missing",
    "posted": "--post",
    "required": "--required",
    "redirect": "--redirect",
    "forbidden": "--forbidden",
}
# The target of a case that names none, by its method.
USUAL_TARGETS = {"PUT": "writable", "PATCH": "writable", "POST": "posted", "DELETE": "created"}
WRITES = ("PUT", "PATCH", "POST", "DELETE")

# What a case can need of its target, as the report says it.
NEEDS = {
    "tag": "an entity tag",
    "strong": "a strong entity tag",
    "weak": "a weak entity tag",
    "no-tag": "no entity tag",
    "letters": "an entity tag with letters",
    "date": "a modification date",
    "no-date": "no modification date",
    "past-date": "a modification date that is more than a minute old",
    "content": "content of at least three octets",
    "stable": "the same content each time",
    "ranges": "support of byte ranges",
    "no-ranges": "no support of byte ranges",
    "codings": "content in gzip if the request accepts it, and else without a coding",
    "plain-write": "writes without a condition",
    "patch": "PATCH (--patch-body)",
    "delete": "DELETE",
    "stateful": "GET to show what was written",
    "refuses": "a refusal of this method, also without conditions",
    "same-head": "HEAD to be answered 200",
}
FIELD_NEED = re.compile(r"field:([a-z-]+)")

CHECKS = {
    "empty": "no content follows the head",
    "full": "a 200 has the whole content",
    "part": "a 206 has the part that its Content-Range names",
    "length": "Content-Length, if any, is the length of the 200's content",
    "etag-syntax": "ETag is one entity tag in the form of the section",
    "last-modified-syntax": "Last-Modified is one date in the form of an IMF-fixdate",
    "date-syntax": "Date is one date in the form of an IMF-fixdate",
    "not-after-date": "Last-Modified is not later than Date",
    "new-tag": "the tag differs from the one before",
    "tag-of-now": "ETag, if any, is the tag that a GET now has, and a strong one",
    "not-older": "Last-Modified is not earlier than before",
    "other-tag-if-coded": "a strong tag differs from the one of the content without a coding",
    "explains": "there is content",
    "no-continue": "no 100 (Continue) came first",
    "one-passes": "exactly one of the requests succeeds",
}
FIELD_CHECK = re.compile(r"(same|same-if-any|has|lacks) ([a-z-]+)")

MEMBERS = {"id", "rfc", "section", "level", "target", "needs", "why", "steps", "catches"}
STEP_MEMBERS = {"send", "fields", "content", "answer", "checks", "expect", "at_once"}
CONTENTS = ("new", "same", "patch", "none")
ANSWER = re.compile(r"[2345]xx|plain")


class Malformed(ValueError):
    """A row that is not a case."""


class Step:
    """One request of a case, and the answers that it allows."""

    def __init__(self, row):
        self.method = row["send"]
        self.fields = row.get("fields", [])
        self.answers = row["answer"]
        self.checks = row.get("checks", [])
        self.expects_continue = row.get("expect", False)
        self.at_once = row.get("at_once", 1)
        self.content = row.get("content", "new" if self.method in ("PUT", "POST") else "none")
        if self.method == "PATCH":
            self.content = row.get("content", "patch")

    def allows(self, status, plain_status):
        return any(
            status == (plain_status if answer == "plain" else answer)
            or (isinstance(answer, str) and answer[1:] == "xx" and status // 100 == int(answer[0]))
            for answer in self.answers
        )

    def expected(self):
        words = {"plain": "the status of the same request without conditions"}
        return " or ".join(words.get(answer, str(answer)) for answer in self.answers)


class Case:
    """One row: what is sent, what may be answered, and why."""

    def __init__(self, row, group):
        self.group = group
        self.id, self.level, self.why = row["id"], row["level"], row["why"]
        self.rfc, self.section = row.get("rfc", 9110), row["section"]
        self.needs = row.get("needs", [])
        # The fault of `faulty_server.py` that this case fails on.
        self.catches = row.get("catches")
        steps = row.get("steps") or [{name: row[name] for name in STEP_MEMBERS & row.keys()}]
        self.steps = [Step(step) for step in steps]
        self.target = row.get("target") or USUAL_TARGETS.get(self.steps[0].method, "document")

    def rule(self):
        return f"RFC {self.rfc} §{self.section}"


def load(folder=HERE):
    """All cases, in the order of the files and of their rows."""
    cases = []
    for name in sorted(os.listdir(folder)):
        if name.endswith(".json"):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                page = json.load(file)
            group = os.path.splitext(name)[0].partition("-")[2]
            for row in page["cases"]:
                check(row)
                cases.append(Case(row, group))
    return cases


def check(row):
    """Says what is wrong with a row."""

    def wrong(what):
        raise Malformed(f"{row.get('id', row)}: {what}")

    unknown = row.keys() - MEMBERS - STEP_MEMBERS
    if unknown:
        wrong(f"unknown members: {sorted(unknown)}")
    for name in ("id", "section", "level", "why"):
        if not isinstance(row.get(name), str) or not row[name]:
            wrong(f"{name} is missing")
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", row["id"]):
        wrong("an id has lower-case words with hyphens between them")
    if row["level"] not in LEVELS:
        wrong(f"the level is none of {LEVELS}")
    if row.get("target", "document") not in TARGETS:
        wrong("unknown target")
    if not row["why"].endswith(".") or "\n" in row["why"]:
        wrong("why is one sentence")
    for need in row.get("needs", []):
        if need not in NEEDS and not FIELD_NEED.fullmatch(need):
            wrong(f"unknown need: {need}")
    if ("steps" in row) == ("send" in row):
        wrong("a row has either `steps` or `send`")
    for step in row.get("steps", [row]):
        problem = wrong_step(step, "steps" in row)
        if problem:
            wrong(problem)


def wrong_step(step, alone):
    unknown = step.keys() - STEP_MEMBERS
    if alone and unknown:
        return f"unknown members: {sorted(unknown)}"
    if not re.fullmatch(r"[A-Z-]+", step.get("send", "")):
        return "`send` is a method"
    for line in step.get("fields", []):
        if ":" not in line or any(ord(char) > 255 or char in "\r\n" for char in line):
            return f"not a field line: {line!r}"
    if not step.get("answer"):
        return "`answer` lists what is allowed"
    for answer in step["answer"]:
        if not isinstance(answer, int) and not ANSWER.fullmatch(answer):
            return f"unknown answer: {answer}"
    for name in step.get("checks", []):
        if name not in CHECKS and not FIELD_CHECK.fullmatch(name):
            return f"unknown check: {name}"
    if step.get("content", "new") not in CONTENTS:
        return "unknown content"
    return None
