"""HTTP/1.1 over a socket: sends exactly the octets that a case names, and reads the answer by a deadline."""

import shlex
import socket
import ssl
import time
from urllib.parse import urlsplit

# How long an answer that must have no content is watched for content.
WATCH_SECONDS = 0.3
# How long a client waits for a 100 (Continue) before it sends its content.
EXPECT_SECONDS = 2
# A larger answer is cut off, so that no server can fill the memory.
MOST_OCTETS = 64 * 1024 * 1024
# Answers without content, whatever their fields say (RFC 9112 §6.3).
NEVER_CONTENT = (204, 304)


class Address:
    """What a URL says: where to connect, and what to ask for."""

    def __init__(self, url):
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url}: expected a URL such as http://127.0.0.1:3000/document")
        self.url = url
        self.secure = parts.scheme == "https"
        self.host = parts.hostname
        self.port = parts.port or (443 if self.secure else 80)
        self.authority = parts.netloc.rpartition("@")[2]
        self.path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


class Request:
    """A request: the method, the address, the field lines as they are sent, and the content."""

    def __init__(self, method, address, lines=(), content=None, expects_continue=False):
        self.method, self.address, self.content = method, address, content
        self.lines = list(lines)
        self.expects_continue = expects_continue

    def head(self):
        lines = [f"{self.method} {self.address.path} HTTP/1.1"]
        if not any(line.lower().startswith("host:") for line in self.lines):
            lines.append(f"Host: {self.address.authority}")
        lines += self.lines
        if self.content is not None:
            lines.append(f"Content-Length: {len(self.content)}")
        if self.expects_continue:
            lines.append("Expect: 100-continue")
        lines.append("Connection: close")
        # Each code point of a line is one octet.
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def shown(self):
        """The lines that matter to a reader."""
        return [f"{self.method} {self.address.path} HTTP/1.1"] + [visible(line) for line in self.lines]

    def curl(self):
        """A command line that sends this request again."""
        words = ["curl", "-i", "--http1.1"]
        if self.method == "HEAD":
            words.append("--head")
        elif self.method != "GET":
            words += ["-X", self.method]
        command = " ".join(words)
        for line in self.lines:
            name, _, value = line.partition(":")
            # curl sends a field without a value if a semicolon ends its name.
            command += " -H " + quoted(line if value.strip(" \t") else name + ";")
        if self.content is not None:
            command += " --data-binary " + quoted(self.content.decode("latin-1"))
        if self.expects_continue:
            command += " -H 'Expect: 100-continue'"
        elif self.content is not None:
            command += " -H Expect:"
        return f"{command} {shlex.quote(self.address.url)}"


class Answer:
    """The answer to a request, or why there is none."""

    def __init__(self, status=0, reason="", fields=(), content=b"", interim=(), error=None):
        self.status, self.reason, self.content, self.error = status, reason, content, error
        self.fields = list(fields)
        self.interim = list(interim)
        # The client had to send its content without a word from the server.
        self.came_late = False

    def lines_of(self, name):
        return [value for found, value in self.fields if found.lower() == name.lower()]

    def field(self, name):
        """The combined value of a field, or None."""
        lines = self.lines_of(name)
        return ", ".join(lines) if lines else None

    def shown(self):
        if self.error:
            return [self.error]
        interim = [f"{status} (interim)" for status in self.interim]
        return interim + [f"{self.status} {self.reason}".strip()] + [
            visible(f"{name}: {value}") for name, value in self.fields
        ]


def visible(text):
    """The text with escapes for the octets that a terminal does not show."""
    return "".join(char if " " <= char <= "~" else f"\\x{ord(char):02x}" for char in text)


def quoted(text):
    """The text as a word of a shell; with the quotes of Bash if it has octets that a terminal does not show."""
    if all(" " <= char <= "~" for char in text):
        return shlex.quote(text)
    escaped = "".join(
        f"\\{char}" if char in "\\'" else char if " " <= char <= "~" else f"\\x{ord(char):02x}" for char in text
    )
    return f"$'{escaped}'"


class Wire:
    """Exchanges requests for answers. Each has a connection of its own, and a deadline."""

    def __init__(self, timeout, verify=True):
        self.timeout = timeout
        self.tls = ssl.create_default_context()
        if not verify:
            self.tls.check_hostname = False
            self.tls.verify_mode = ssl.CERT_NONE

    def exchange(self, request):
        deadline = time.monotonic() + self.timeout
        try:
            with self.connect(request.address, deadline) as connection:
                stream = Stream(connection, deadline)
                stream.send(request.head())
                # Without a word from the server the content is sent all the same (RFC 9110 §10.1.1).
                asks = request.expects_continue and request.content is not None
                came_late = asks and not stream.waits(min(EXPECT_SECONDS, self.timeout / 2))
                if request.content is not None and (came_late or not asks):
                    stream.send(request.content)
                answer = self.answer(request, stream, came_late)
                answer.came_late = came_late
                return answer
        except (OSError, ValueError) as error:
            return Answer(error=f"no answer: {error or type(error).__name__}")

    def connect(self, address, deadline):
        connection = socket.create_connection((address.host, address.port), timeout=remaining(deadline))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if not address.secure:
            return connection
        try:
            return self.tls.wrap_socket(connection, server_hostname=address.host)
        except BaseException:
            connection.close()
            raise

    @staticmethod
    def answer(request, stream, is_sent):
        interim = []
        while True:
            status, reason, fields = stream.head()
            if not 100 <= status < 200 or status == 101:
                break
            interim.append(status)
            if request.expects_continue and status == 100 and not is_sent:
                stream.send(request.content)
        answer = Answer(status, reason, fields, interim=interim)
        if request.method == "HEAD" or status in NEVER_CONTENT:
            answer.content = stream.surplus()
        elif "chunked" in (answer.field("transfer-encoding") or "").lower():
            answer.content = stream.chunks()
        elif answer.lines_of("content-length"):
            answer.content = stream.octets(int(answer.lines_of("content-length")[0]))
        else:
            answer.content = stream.rest()
        return answer


def remaining(deadline):
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("the time is over")
    return left


class Stream:
    """The octets of a connection, by a deadline."""

    def __init__(self, connection, deadline):
        self.connection, self.deadline = connection, deadline
        self.buffer = b""

    def send(self, octets):
        self.connection.settimeout(remaining(self.deadline))
        try:
            self.connection.sendall(octets)
        except (BrokenPipeError, ConnectionResetError):
            # The server may have answered before it read everything.
            pass

    def waits(self, seconds):
        """Whether the server says something within this time."""
        self.connection.settimeout(min(seconds, remaining(self.deadline)))
        try:
            return self.more()
        except TimeoutError:
            return False
        except socket.timeout:  # not the same class before Python 3.10
            return False

    def more(self):
        """Reads some octets; False at the end of the connection."""
        octets = self.connection.recv(65536)
        self.buffer += octets
        if len(self.buffer) > MOST_OCTETS:
            raise ValueError("the answer is too large")
        return bool(octets)

    def fill(self):
        self.connection.settimeout(remaining(self.deadline))
        try:
            return self.more()
        except socket.timeout:
            raise TimeoutError("the server did not finish its answer in time") from None

    def line(self):
        while b"\n" not in self.buffer:
            if not self.fill():
                raise ValueError("the connection ended within the head" if self.buffer else "the connection ended")
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line.rstrip(b"\r").decode("latin-1")

    def head(self):
        version, _, rest = self.line().partition(" ")
        if not version.startswith("HTTP/"):
            raise ValueError(f"not HTTP: {visible(version)[:40]}")
        code, _, reason = rest.partition(" ")
        fields = []
        while True:
            line = self.line()
            if not line:
                return int(code), reason, fields
            name, _, value = line.partition(":")
            fields.append((name, value.strip(" \t")))

    def octets(self, count):
        while len(self.buffer) < count:
            if not self.fill():
                raise ValueError(f"the content ended after {len(self.buffer)} of {count} octets")
        content, self.buffer = self.buffer[:count], self.buffer[count:]
        return content

    def chunks(self):
        content = b""
        while True:
            size = int(self.line().partition(";")[0], 16)
            content += self.octets(size)
            if not size:
                while self.line():
                    pass
                return content
            self.line()

    def rest(self):
        while self.fill():
            pass
        return self.buffer

    def surplus(self):
        """What follows a head that must have no content."""
        end = time.monotonic() + min(WATCH_SECONDS, remaining(self.deadline))
        try:
            while time.monotonic() < end:
                self.connection.settimeout(max(end - time.monotonic(), 0.001))
                if not self.more():
                    break
        except (TimeoutError, socket.timeout, ConnectionResetError):
            pass
        return self.buffer
