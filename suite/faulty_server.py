"""A server for the suite's own checks: right as it is, and wrong in each way that `FAULTS` names.

    python3 suite/faulty_server.py                              serves on a free port
    python3 suite/faulty_server.py if-match-weak no-date-forms  with these faults

It shares no code with the player, so that a mistake in one is seen by the other.
"""

import email.utils
import gzip
import re
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FAULTS = {
    # --- Comparison ---
    "if-match-weak": "If-Match compares weakly",
    "if-none-match-strong": "If-None-Match compares strongly",
    "case-folded-tags": "tags are compared without regard to case",
    "prefix-tags": "a tag matches if the one begins with the other",
    # --- Reading the fields ---
    "first-line-only": "only the first line of a field is read",
    "last-line-only": "only the last line of a field is read",
    "no-lists": "a field value is compared as a whole",
    "split-in-quotes": "commas inside quotes separate members",
    "backslash-escapes": "a backslash escapes a quote",
    "no-obs-text": "a list with octets beyond ASCII matches nothing",
    "empty-members-fail": "a list with empty members matches nothing",
    "space-needed": "only a comma with a space separates members",
    "spaces-only": "tabs are no white space",
    "first-fifty-members": "only the first fifty members of a list are read",
    "malformed-if-match-passes": "a malformed If-Match is ignored",
    "malformed-if-none-match-hits": "a malformed If-None-Match matches",
    "empty-field-ignored": "an empty condition counts as absent",
    "quoted-star": "a star in quotes stands for any state",
    "names-by-case": "field names are told apart by case",
    # --- Existence ---
    "star-asks-for-tag": "the star asks for an entity tag instead of existence",
    "if-match-star-fails": "If-Match: * is false",
    "if-none-match-star-true": "If-None-Match: * is true",
    "absent-matches": "If-Match is ignored where nothing exists, and nothing is deleted with success",
    "absent-is-412": "a request for nothing with If-Match or If-Unmodified-Since is 412",
    "absent-is-304": "a GET of nothing with If-None-Match or If-Modified-Since is 304",
    # --- Methods and statuses ---
    "if-match-ignored": "If-Match is ignored",
    "if-match-ignored-on-get": "If-Match is ignored on GET and HEAD",
    "if-match-ignored-on-patch": "If-Match is ignored on PATCH",
    "if-match-ignored-on-delete": "If-Match is ignored on DELETE",
    "if-match-ignored-on-post": "If-Match is ignored on POST",
    "if-none-match-ignored": "If-None-Match is ignored",
    "if-none-match-ignored-on-put": "If-None-Match is ignored on methods other than GET and HEAD",
    "304-to-put": "a false If-None-Match is 304 for every method",
    "412-to-get": "a false If-None-Match is 412 for every method",
    "409-for-412": "a false condition is 409",
    "head-unconditional": "HEAD ignores conditions",
    "conditions-on-options": "OPTIONS and TRACE are conditional",
    "conditions-before-405": "conditions are evaluated before the method is refused",
    "conditions-before-redirect": "conditions are evaluated before redirects",
    "conditions-before-401": "conditions are evaluated before authorization",
    "conditional-refused": "every request with a condition is 400",
    # --- Writes ---
    "412-after-the-write": "the write is made before the condition is evaluated",
    "success-without-write": "a write with a true condition is answered by a success, and not made; creations are",
    "tag-kept-by-write": "a write does not change the tag",
    "tag-by-the-second": "the tag is made from the second of the write",
    "tag-changes-on-refusal": "a refused write changes the tag",
    "created-is-200": "a PUT that creates is answered 200",
    "put-tag-is-old": "the answer to a PUT has the tag from before",
    "tag-comes-back": "tags count anew when a resource is created anew",
    "waits-for-content": "a client that expects 100 (Continue) gets nothing before it sends",
    # --- Dates ---
    "dates-ignored": "both date conditions are ignored",
    "if-modified-since-inverted": "If-Modified-Since is 304 if the content changed",
    "if-modified-since-exact": "only the exact date is 304",
    "if-modified-since-strict": "an equal date is not 304",
    "if-unmodified-since-strict": "an equal date is 412",
    "if-unmodified-since-exact": "only the exact date lets through",
    "if-modified-since-on-put": "If-Modified-Since is evaluated on every method",
    "no-rfc-850": "dates of RFC 850 are invalid",
    "no-asctime": "dates of asctime are invalid",
    "invalid-date-fails": "an invalid date makes its condition false",
    "lenient-dates": "dates are read by guessing",
    "first-of-two-dates": "the first of several dates counts",
    "future-is-invalid": "a date in the future is ignored",
    "before-1970-is-invalid": "a date before 1970 is ignored",
    "date-needed": "a date condition is false if there is no modification date",
    # --- Order ---
    "if-modified-since-beside-tags": "If-Modified-Since is evaluated beside If-None-Match",
    "if-unmodified-since-beside-tags": "If-Unmodified-Since is evaluated beside If-Match",
    "date-rescues": "a true date makes up for a tag that does not match",
    "304-before-412": "If-None-Match and If-Modified-Since come before If-Match and If-Unmodified-Since",
    "one-condition-only": "only the first condition of the request is evaluated",
    "malformed-gives-way": "a malformed tag condition leaves the decision to the date",
    # --- Ranges ---
    "if-range-ignored": "If-Range is ignored",
    "if-range-weak": "If-Range compares weakly",
    "if-range-never": "If-Range is never true",
    "if-range-date-not-later": "the date of If-Range may be later than Last-Modified",
    "if-range-date-any": "any date in If-Range is true",
    "if-range-is-if-match": "a false If-Range is 412",
    "if-range-is-if-none-match": "a true If-Range without Range is 304",
    "range-before-conditions": "Range is evaluated before conditions",
    "range-on-head": "HEAD is answered by 206",
    "unknown-unit-is-bytes": "every unit of a range is taken for bytes",
    "wrong-part": "the part begins one octet late",
    "206-bare": "a 206 has no fields of the representation",
    # --- Fields ---
    "304-bare": "a 304 has no fields of the representation",
    "304-with-content": "a 304 has content",
    "304-length-zero": "a 304 says Content-Length: 0",
    "304-with-content-type": "a 304 has all fields of the 200",
    "304-echoes-tag": "a 304 has the first tag of the request",
    "412-to-head-with-content": "a 412 to HEAD has content",
    "head-with-content": "HEAD has content",
    "head-length-zero": "HEAD says Content-Length: 0",
    "head-bare": "HEAD has no fields of the representation",
    "tag-without-quotes": "ETag has no quotes",
    "date-of-rfc-850": "the dates of answers have the form of RFC 850",
    "modified-tomorrow": "Last-Modified is a day after Date",
    "one-tag-for-codings": "gzip has the tag of the plain content",
    # --- 428 ---
    "428-says-nothing": "a 428 has no content",
    "428-always": "a PUT is 428 whatever it carries",
    "428-for-412": "a false condition is 428",
    "428-met-by-anything": "any If-Match lets a PUT through where one is required",
    "428-after-the-write": "the write is made before the 428",
}

# How the resource describes itself.
PROFILES = ("strong", "weak", "date", "tag", "bare")

IMF = "%a, %d %b %Y %H:%M:%S GMT"
FORMS = {"imf": IMF, "rfc850": "%A, %d-%b-%y %H:%M:%S GMT", "asctime": "%a %b %d %H:%M:%S %Y"}
TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')
START = 784111777
TEXT = b"What two people edit at the same time, and nobody loses.\n"


class Resource:
    """Content with its version."""

    def __init__(self, content, version, date=START):
        self.content, self.version, self.date = content, version, date
        self.language = "en"


class Store:
    """The resources of one server; its lock makes a comparison and a write one step."""

    def __init__(self, profile, faults):
        self.profile, self.faults = profile, faults
        self.lock = threading.RLock()
        self.version = 1
        self.second = int(time.time())
        self.resources = {path: Resource(TEXT, 1) for path in ("/page", "/document", "/strict", "/packed")}

    def tag(self, resource, is_coded=False):
        if self.profile not in ("strong", "weak", "tag"):
            return None
        suffix = "-gzip" if is_coded and "one-tag-for-codings" not in self.faults else ""
        opaque = f"Version-{resource.version}{suffix}"
        if "tag-without-quotes" in self.faults:
            return opaque
        return f'W/"{opaque}"' if self.profile == "weak" else f'"{opaque}"'

    def date(self, resource):
        if self.profile not in ("strong", "weak", "date"):
            return None
        return int(time.time()) + 86400 if "modified-tomorrow" in self.faults else resource.date

    def write(self, path, content):
        found = self.resources.get(path)
        if found and "tag-kept-by-write" in self.faults:
            version = found.version
        elif "tag-by-the-second" in self.faults:
            version = self.second
        elif "tag-comes-back" in self.faults:
            version = found.version + 1 if found else 1
        else:
            self.version += 1
            version = self.version
        self.resources[path] = Resource(content, version, int(time.time()))


class Handler(BaseHTTPRequestHandler):
    """Answers requests: routing first, then the conditions, then the method."""

    protocol_version = "HTTP/1.1"
    timeout = 20

    def log_message(self, *_):
        pass

    def __getattr__(self, name):
        # http.server asks for a method `do_X` for each method X.
        if name.startswith("do_"):
            return self.respond
        raise AttributeError(name)

    @property
    def store(self):
        return self.server.store

    def has(self, fault):
        return fault in self.store.faults

    # --- Reading ---

    def lines(self, name):
        if self.has("names-by-case"):
            return [value for found, value in self.headers.items() if found == name]
        return self.headers.get_all(name) or []

    def condition(self, name):
        """The combined value of a condition, or None."""
        if self.command == "HEAD" and self.has("head-unconditional"):
            return None
        lines = self.lines(name)
        if self.has("first-line-only"):
            lines = lines[:1]
        if self.has("last-line-only"):
            lines = lines[-1:]
        value = ", ".join(line.strip(" \t") for line in lines) if lines else None
        return None if value == "" and self.has("empty-field-ignored") else value

    def handle_expect_100(self):
        # Says it only if the content is read.
        return True

    def content(self):
        length = int(self.headers.get("Content-Length", 0))
        if self.headers.get("Expect", "").lower() == "100-continue" and not self.has("waits-for-content"):
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return self.rfile.read(length)

    # --- Answering ---

    def respond(self):
        self.server.seen(self.command)
        path = self.path
        if self.has("waits-for-content") and self.headers.get("Expect"):
            self.connection.settimeout(20)
        if path == "/moved":
            if self.has("conditions-before-redirect") and self.refused_on(Resource(TEXT, 1)):
                return
            return self.send(301, {"Location": "/document"}, b"moved\n")
        if path == "/private":
            if self.has("conditions-before-401") and self.refused_on(Resource(TEXT, 1)):
                return
            return self.send(401, {"WWW-Authenticate": "Basic"}, b"who is it?\n")
        known = ("GET", "HEAD", "PUT", "PATCH", "POST", "DELETE", "OPTIONS", "TRACE")
        if self.command not in known:
            if self.has("conditions-before-405") and self.refused_on(self.store.resources.get(path)):
                return
            return self.send(405, {"Allow": ", ".join(known)}, b"no\n")
        if self.command in ("OPTIONS", "TRACE"):
            if self.has("conditions-on-options") and self.refused_on(self.store.resources.get(path)):
                return
            return self.send(204, {"Allow": ", ".join(known)})
        with self.store.lock:
            self.conditional(path)

    def refused_on(self, resource):
        """Evaluates where no evaluation belongs."""
        answer = self.evaluate(resource) if resource else None
        if answer:
            self.refuse(answer, resource)
        return answer is not None

    def conditional(self, path):
        resource = self.store.resources.get(path)
        method = self.command
        reads = method in ("GET", "HEAD")
        if resource is None and (reads or method in ("DELETE", "PATCH", "POST")):
            if self.has("absent-is-412") and (self.lines("If-Match") or self.lines("If-Unmodified-Since")):
                return self.send(412, {}, b"failed\n")
            if reads and self.has("absent-is-304") and (self.lines("If-None-Match") or self.lines("If-Modified-Since")):
                return self.send(304, {})
            if method == "DELETE" and self.has("absent-matches"):
                return self.send(204, {})
            return self.send(404, {}, b"nothing here\n")
        conditions = [name for name in ("If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since")
                      if self.lines(name)]
        if conditions and self.has("conditional-refused"):
            return self.send(400, {}, b"no conditions, please\n")
        content = None
        if not reads and (self.has("412-after-the-write") or self.has("waits-for-content")):
            content = self.content()
        if path == "/strict" and method == "PUT":
            if self.has("428-after-the-write"):
                content = self.content() if content is None else content
                self.store.write(path, content)
            if self.has("428-always") or not self.meets_requirement():
                text = b"" if self.has("428-says-nothing") else b"send If-Match\n"
                return self.send(428, {"Cache-Control": "no-store"}, text)
            if self.has("428-met-by-anything"):
                return self.perform(path, resource, content)
        if self.has("range-before-conditions") and self.lines("Range") and method == "GET":
            return self.read(resource)
        if not reads and self.lines("If-Range") and self.has("if-range-is-if-match"):
            return self.send(412, {}, b"failed\n")
        answer = self.evaluate(resource)
        if answer == 412 and path == "/strict" and self.has("428-for-412"):
            return self.send(428, {}, b"no\n")
        if answer in (304, 412, 400):
            if content is not None and self.has("412-after-the-write"):
                self.store.write(path, content)
            return self.refuse(answer, resource)
        if reads:
            return self.read(resource)
        return self.perform(path, resource, content)

    def meets_requirement(self):
        dates = [date for date in self.lines("If-Unmodified-Since") if self.instant(date) is not None]
        return bool(self.lines("If-Match") or self.lines("If-None-Match") or dates)

    # --- Evaluating ---

    def evaluate(self, resource):
        """304, 412 or 400; None to perform the method; 206 or 200 for a read with Range and If-Range."""
        steps = [self.unmodified_step, self.modified_step]
        if self.has("304-before-412"):
            steps.reverse()
        if self.has("one-condition-only"):
            names = [name.title() for name in self.headers if name.lower().startswith("if-")]
            self.only = names[0] if names else None
        else:
            self.only = None
        for step in steps:
            answer = step(resource)
            if answer:
                return answer
        return None

    def evaluated(self, name):
        if self.only and name != self.only:
            return None
        return self.condition(name)

    def unmodified_step(self, resource):
        """Steps 1 and 2 of RFC 9110 §13.2.2."""
        value = self.evaluated("If-Match")
        ignored = self.has("if-match-ignored") or self.has(f"if-match-ignored-on-{self.command.lower()}") or (
            self.command == "HEAD" and self.has("if-match-ignored-on-get")
        ) or (resource is None and self.has("absent-matches"))
        if value is not None and not ignored:
            members = self.members(value)
            if members is None and self.has("malformed-if-match-passes"):
                return None
            if members is None and self.has("malformed-gives-way"):
                return self.unmodified_date(resource)
            matched = self.matches(members, resource, self.has("if-match-weak"))
            if members == ["*"] and self.has("if-match-star-fails"):
                matched = False
            if not matched and self.has("date-rescues") and self.condition("If-Unmodified-Since"):
                return self.unmodified_date(resource)
            if not matched:
                return 412
            if not self.has("if-unmodified-since-beside-tags"):
                return None
        return self.unmodified_date(resource)

    def unmodified_date(self, resource):
        value = self.evaluated("If-Unmodified-Since")
        if value is None or self.has("dates-ignored"):
            return None
        modified = self.store.date(resource) if resource else None
        if modified is None:
            return 412 if self.has("date-needed") else None
        date = self.instant(value)
        if date is None:
            return 412 if self.has("invalid-date-fails") else None
        if self.has("if-unmodified-since-strict") and modified == date:
            return 412
        if self.has("if-unmodified-since-exact") and modified != date:
            return 412
        return 412 if modified > date else None

    def modified_step(self, resource):
        """Steps 3 and 4."""
        reads = self.command in ("GET", "HEAD")
        negative = 304 if (reads or self.has("304-to-put")) and not self.has("412-to-get") else 412
        value = self.evaluated("If-None-Match")
        ignored = self.has("if-none-match-ignored") or (not reads and self.has("if-none-match-ignored-on-put"))
        if value is not None and not ignored:
            members = self.members(value)
            if not members and self.has("malformed-if-none-match-hits"):
                return negative
            if members is None and self.has("malformed-gives-way"):
                return self.modified_date(resource, reads)
            hit = self.matches(members, resource, not self.has("if-none-match-strong"))
            if members == ["*"] and self.has("if-none-match-star-true"):
                hit = False
            if hit:
                return negative
            if not self.has("if-modified-since-beside-tags"):
                return None
        return self.modified_date(resource, reads)

    def modified_date(self, resource, reads):
        value = self.evaluated("If-Modified-Since")
        if value is None or self.has("dates-ignored") or not (reads or self.has("if-modified-since-on-put")):
            return None
        modified = self.store.date(resource) if resource else None
        negative = 304 if reads else 412
        if modified is None:
            return negative if self.has("date-needed") or self.has("if-modified-since-on-put") else None
        date = self.instant(value)
        if date is None:
            return 304 if self.has("invalid-date-fails") else None
        if self.has("if-modified-since-inverted"):
            return negative if modified > date else None
        if self.has("if-modified-since-exact"):
            return negative if modified == date else None
        if self.has("if-modified-since-strict"):
            return negative if modified < date else None
        return negative if modified <= date else None

    def members(self, value):
        """The members of a list of tags, `["*"]`, or None if the list is malformed."""
        if value == "*":
            return ["*"]
        if self.has("quoted-star") and value == '"*"':
            return ["*"]
        if self.has("no-lists"):
            return [value] if TAG.fullmatch(value) else None
        if self.has("no-obs-text") and not value.isascii():
            return None
        if self.has("split-in-quotes"):
            return [member.strip(' \t"') for member in value.split(",")]
        tag = r'(?:W/)?"(?:\\.|[^"\\])*"' if self.has("backslash-escapes") else TAG.pattern
        space = r"[ ]*" if self.has("spaces-only") else r"[ \t]*"
        comma = ", " if self.has("space-needed") else ","
        empty = "" if self.has("empty-members-fail") else "?"
        member = f"(?:{tag}){empty}"
        if not re.fullmatch(f"{space}{member}{space}(?:{comma}{space}{member}{space})*", value):
            return None
        found = re.findall(tag, value)
        return found[:50] if self.has("first-fifty-members") else found

    def matches(self, members, resource, weakly):
        if members is None or resource is None:
            return False
        current = self.tag(resource)
        if members == ["*"]:
            return current is not None or not self.has("star-asks-for-tag")
        return current is not None and any(self.equal(member, current, weakly) for member in members)

    def equal(self, one, other, weakly):
        if self.has("split-in-quotes"):
            one, other = one.removeprefix('W/"'), other.removeprefix("W/").strip('"')
        if not weakly and (one.startswith("W/") or other.startswith("W/")):
            return False
        one, other = one.removeprefix("W/"), other.removeprefix("W/")
        if self.has("case-folded-tags"):
            one, other = one.lower(), other.lower()
        if self.has("prefix-tags"):
            one, other = one.strip('"'), other.strip('"')
            return bool(one) and (one.startswith(other) or other.startswith(one))
        return one == other

    def instant(self, value):
        """The seconds of an HTTP-date, or None."""
        if self.has("first-of-two-dates") and value.count(":") > 2:
            value = value[: value.index("GMT") + 3]
        if self.has("lenient-dates"):
            return self.guess(value)
        for name, form in FORMS.items():
            if self.has(f"no-{'rfc-850' if name == 'rfc850' else name}"):
                continue
            try:
                text = re.sub(r"(?<=[a-z]) {2}(?=\d )", " 0", value) if name == "asctime" else value
                parts = time.strptime(text, form)
            except ValueError:
                continue
            # strptime is lenient about case and padding; a date written back shows it.
            if time.strftime(form, parts) != text:
                continue
            date = email.utils.mktime_tz((*parts[:6], 0, 1, -1, 0))
            if self.has("future-is-invalid") and date > time.time():
                return None
            if self.has("before-1970-is-invalid") and date < 0:
                return None
            return date
        return None

    @staticmethod
    def guess(value):
        value = value.strip('"')
        if value.isdigit():
            return int(value)
        match = re.match(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)", value)
        if match:
            return email.utils.mktime_tz((*time.strptime(match[1], "%Y-%m-%dT%H:%M:%S")[:6], 0, 1, -1, 0))
        parts = email.utils.parsedate_tz(value)
        try:
            return email.utils.mktime_tz(parts) if parts else None
        except (ValueError, OverflowError):
            return None

    # --- Performing ---

    def is_coded(self):
        return self.command in ("GET", "HEAD") and (
            self.path == "/packed" or "gzip" in self.headers.get("Accept-Encoding", ""))

    def tag(self, resource):
        """The tag of the selected representation."""
        return self.store.tag(resource, self.is_coded())

    def fields(self, resource):
        form = FORMS["rfc850"] if self.has("date-of-rfc-850") else IMF
        fields = {"Cache-Control": "max-age=60", "Vary": "Accept-Encoding", "Expires": "Thu, 01 Jan 2099 00:00:00 GMT"}
        fields["Content-Location"] = "/document.txt"
        tag, date = self.tag(resource), self.store.date(resource)
        if tag:
            fields["ETag"] = tag
        if date is not None:
            fields["Last-Modified"] = time.strftime(form, time.gmtime(date))
        return fields

    def read(self, resource):
        fields = self.fields(resource)
        fields.update({"Content-Type": "text/plain; charset=utf-8", "Content-Language": resource.language})
        content = resource.content
        if self.is_coded():
            content = gzip.compress(content, mtime=0)
            fields["Content-Encoding"] = "gzip"
        found = re.fullmatch(r"([a-z-]+)=(.*)", ", ".join(self.lines("Range")))
        wanted = self.command == "GET" or self.has("range-on-head")
        if self.lines("If-Range") and not (found and self.server.ranges) and self.has("if-range-is-if-none-match"):
            return self.send(304, fields)
        if self.lines("If-Range") and self.has("if-range-is-if-match") and not self.if_range(resource):
            return self.send(412, fields)
        unit = found and (found[1] == "bytes" or self.has("unknown-unit-is-bytes"))
        if found and wanted and unit and self.server.ranges and self.if_range(resource):
            return self.part(found[2], content, fields)
        return self.send(200, fields, content)

    def if_range(self, resource):
        value = ", ".join(self.lines("If-Range"))
        if not self.lines("If-Range") or self.has("if-range-ignored"):
            return True
        if self.has("if-range-never"):
            return False
        tag, date = self.tag(resource), self.store.date(resource)
        if '"' in value[:3]:
            return tag is not None and bool(TAG.fullmatch(value)) and self.equal(value, tag, self.has("if-range-weak"))
        if self.has("if-range-date-any"):
            return True
        instant = self.instant(value)
        if instant is None or date is None or time.time() - date < 2:
            return False
        return date <= instant if self.has("if-range-date-not-later") else date == instant

    def part(self, spec, content, fields):
        ranges = [self.span(one.strip(), len(content)) for one in spec.split(",")]
        ranges = [one for one in ranges if one]
        if not ranges:
            return self.send(416, {"Content-Range": f"bytes */{len(content)}"}, b"")
        if len(ranges) > 1:
            return self.send(200, fields, content)
        first, last = ranges[0]
        if self.has("206-bare"):
            fields = {"Content-Type": "text/plain", "no-date": True}
        fields["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
        late = self.has("wrong-part")
        return self.send(206, fields, content[first + late : last + 1 + late])

    @staticmethod
    def span(spec, length):
        match = re.fullmatch(r"(\d*)-(\d*)", spec)
        if not match or spec == "-":
            return None
        if not match[1]:
            return (max(length - int(match[2]), 0), length - 1)
        first, last = int(match[1]), min(int(match[2] or length - 1), length - 1)
        return (first, last) if first <= last else None

    def perform(self, path, resource, content):
        if content is None:
            content = self.content()
        conditional = self.lines("If-Match") or self.lines("If-None-Match") not in ([], ["*"])
        if self.has("success-without-write") and conditional:
            return self.send(204, {})
        if self.command == "DELETE":
            del self.store.resources[path]
            return self.send(204, {})
        if self.command == "PATCH":
            content = resource.content + content
        old = self.store.tag(resource) if resource else None
        if self.command != "POST":
            self.store.write(path, content)
        fields = {}
        tag = old or '"0"' if self.has("put-tag-is-old") else self.store.tag(self.store.resources[path])
        if tag and self.command == "PUT" and self.store.profile != "weak":
            fields["ETag"] = tag
        created = resource is None and not self.has("created-is-200")
        return self.send(201 if created else 200, fields, b"done\n")

    def refuse(self, status, resource):
        if status == 412 and self.has("tag-changes-on-refusal") and resource and self.command not in ("GET", "HEAD"):
            self.store.version += 1
            resource.version = self.store.version
        if status == 412:
            fields = {"ETag": self.tag(resource)} if resource and self.tag(resource) else {}
            return self.send(409 if self.has("409-for-412") else 412, fields, b"failed\n")
        if status == 400:
            return self.send(400, {}, b"malformed\n")
        fields = self.fields(resource)
        if "ETag" in fields:
            fields.pop("Last-Modified", None)
        if self.has("304-bare"):
            fields = {"no-date": True}
        if self.has("304-echoes-tag") and self.lines("If-None-Match"):
            fields["ETag"] = self.lines("If-None-Match")[0].split(",")[0]
        if self.has("304-with-content-type"):
            fields.update({"Content-Type": "text/plain", "Content-Language": "en", "Last-Modified": fields.get(
                "Last-Modified", time.strftime(IMF, time.gmtime(resource.date)))})
            if self.path == "/packed":
                fields["Content-Encoding"] = "gzip"
        return self.send(304, fields, resource.content if self.has("304-with-content") else b"")

    def send(self, status, fields, content=b""):
        self.send_response_only(status)
        fields = dict(fields)
        form = FORMS["rfc850"] if self.has("date-of-rfc-850") else IMF
        if not fields.pop("no-date", False):
            self.send_header("Date", time.strftime(form, time.gmtime()))
        head = self.command == "HEAD"
        if head and self.has("head-bare"):
            fields = {}
        for name, value in fields.items():
            self.send_header(name, value)
        if status == 304 and self.has("304-length-zero"):
            self.send_header("Content-Length", "0")
        elif status not in (204, 304):
            self.send_header("Content-Length", "0" if head and self.has("head-length-zero") else str(len(content)))
        self.send_header("Connection", "close")
        self.close_connection = True
        self.end_headers()
        with_content = not head or self.has("head-with-content") or (
            status == 412 and self.has("412-to-head-with-content"))
        if with_content and status != 204:
            self.wfile.write(content)


class Server(ThreadingHTTPServer):
    """Listens on a free port of this machine. `url` is its address."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, profile="strong", faults=(), ranges=True):
        unknown = set(faults) - FAULTS.keys()
        if unknown:
            raise ValueError(f"unknown faults: {sorted(unknown)}")
        super().__init__(("127.0.0.1", 0), Handler)
        self.store = Store(profile, frozenset(faults))
        self.ranges = ranges
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def seen(self, method):
        """Is told of each request. The checks replace it."""

    def handle_error(self, request, client_address):
        # A client that went away.
        pass


def main():
    server = Server(faults=sys.argv[1:])
    print(f"listening on {server.url}/page", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
