#!/usr/bin/env python3
"""Sends the same conditional requests to several libraries and servers, and prints what each answers.

    python3 compare/play.py                           prints the table
    python3 compare/play.py --check docs/COMPARE.md   fails if the page does not show this table

It needs cargo. With Go and nginx it plays them too; otherwise it says so, and their columns are missing.
"""

import email.utils
import http.client
import os
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
EARLIER = "Sat, 05 Nov 1994 08:49:37 GMT"
LATER = "Fri, 01 Jan 2100 00:00:00 GMT"

# What is played, the section of RFC 9110, what is needed, and the request: method, path, fields, status.
ROWS = [
    ("GET, If-None-Match: its tag", "13.1.2", "tag", ("GET", "/note", [("If-None-Match", "{tag}")], 304)),
    ("GET, If-None-Match: its tag, weak", "13.1.2", "tag", ("GET", "/note", [("If-None-Match", "{weak}")], 304)),
    ("GET, If-None-Match: a list with its tag", "13.1.2", "tag",
     ("GET", "/note", [("If-None-Match", '"x,y", {tag}')], 304)),
    ("GET, If-None-Match: its tag on the second line", "13.1.2, 5.3", "tag",
     ("GET", "/note", [("If-None-Match", '"x"'), ("If-None-Match", "{tag}")], 304)),
    ("GET, If-None-Match: `*`", "13.1.2", "", ("GET", "/note", [("If-None-Match", "*")], 304)),
    ("HEAD, If-None-Match: its tag", "13.1.2", "tag", ("HEAD", "/note", [("If-None-Match", "{tag}")], 304)),
    ("GET, If-None-Match: another tag, If-Modified-Since: later", "13.1.3", "",
     ("GET", "/note", [("If-None-Match", '"x"'), ("If-Modified-Since", LATER)], 200)),
    ("GET, If-Modified-Since: its date", "13.1.3", "date", ("GET", "/note", [("If-Modified-Since", "{date}")], 304)),
    ("GET, If-Modified-Since: its date, as RFC 850 wrote it", "13.1.3, 5.6.7", "date",
     ("GET", "/note", [("If-Modified-Since", "{rfc850}")], 304)),
    ("GET, If-Match: another tag", "13.1.1", "", ("GET", "/note", [("If-Match", '"x"')], 412)),
    ("GET, If-Match: its tag, weak", "13.1.1", "tag", ("GET", "/note", [("If-Match", "{weak}")], 412)),
    ("GET, If-Match: its tag between the quotes of another", "13.1.1, 8.8.3", "tag",
     ("GET", "/note", [("If-Match", '"a, {opaque} ,b"')], "4xx")),
    ("GET, If-Unmodified-Since: earlier", "13.1.4", "date",
     ("GET", "/note", [("If-Unmodified-Since", EARLIER)], 412)),
    ("GET, Range, If-Range: another tag", "13.1.5", "range",
     ("GET", "/note", [("Range", "bytes=0-2"), ("If-Range", '"x"')], 200)),
    ("PUT, If-Match: another tag", "13.1.1", "write", ("PUT", "/note", [("If-Match", '"x"')], 412)),
    ("PUT, If-Match: its tag, weak", "13.1.1", "write tag", ("PUT", "/note", [("If-Match", "{weak}")], 412)),
    ("PUT, If-Match: its tag on the second line", "13.1.1, 5.3", "write tag",
     ("PUT", "/note", [("If-Match", '"x"'), ("If-Match", "{tag}")], "2xx")),
    ("PUT, If-Match: a tag without quotes", "13.1.1", "write", ("PUT", "/note", [("If-Match", "x")], "4xx")),
    ("PUT, If-None-Match: `*`, exists", "13.1.2", "write", ("PUT", "/note", [("If-None-Match", "*")], 412)),
    ("PUT, If-Match: `*`, does not exist", "13.1.1", "write", ("PUT", "/nothing", [("If-Match", "*")], 412)),
]


class Server:
    """One server, and what its plain answers show of it."""

    def __init__(self, name, port):
        self.name, self.port, self.writes = name, port, 0
        status, fields, _ = self.ask("GET", "/note")
        if status != 200:
            sys.exit(f"{name}: GET /note is {status}")
        self.can = set()
        if "etag" in fields:
            self.can.add("tag")
        if "last-modified" in fields:
            self.can.add("date")
        if self.ask("GET", "/note", [("Range", "bytes=0-2")])[0] == 206:
            self.can.add("range")
        before = self.ask("GET", "/note")[2]
        if self.ask("PUT", "/note")[0] < 300 and self.ask("GET", "/note")[2] != before:
            self.can.add("write")

    def ask(self, method, path, fields=()):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        body = None
        connection.putrequest(method, path)
        for name, value in fields:
            connection.putheader(name, value)
        if method == "PUT":
            self.writes += 1
            body = f"write {self.writes}".encode()
            connection.putheader("Content-Type", "text/plain")
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        try:
            response = connection.getresponse()
        except ConnectionError:
            return None, {}, b""
        content = response.read()
        connection.close()
        return response.status, {name.lower(): value for name, value in response.getheaders()}, content

    def play(self, needs, method, path, fields, expected):
        """A cell of the table."""
        if not set(needs.split()) <= self.can:
            return "–"
        _, plain, before = self.ask("GET", "/note")
        tag = plain.get("etag", "").removeprefix("W/")
        values = {"tag": tag, "opaque": tag.strip('"'), "weak": "W/" + tag, "date": plain.get("last-modified", "")}
        if values["date"]:
            values["rfc850"] = email.utils.parsedate_to_datetime(values["date"]).strftime("%A, %d-%b-%y %H:%M:%S GMT")
        shown = [(name, value.format_map(values)) for name, value in fields]
        status, answer, _ = self.ask(method, path, shown)
        if status is None:
            return "**no answer**"
        right = {"2xx": 200 <= status < 300, "4xx": 400 <= status < 500}.get(expected, status == expected)
        if not right:
            return f"**{status}**"
        if status == 304 and "etag" in plain and "etag" not in answer:
            return "304 **without its tag**"
        if status == 412 and method == "PUT" and self.ask("GET", "/note")[2] != before:
            return "412 **and written**"
        return str(status)


def start(command, running):
    """Starts servers, which print `name<tab>port`, and `ready` in the end."""
    # One line tells a panic.
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "RUST_BACKTRACE": "0"})
    running.append(process)
    found = []
    for line in process.stdout:
        if line.strip() == "ready":
            return found
        name, port = line.rstrip("\n").split("\t")
        found.append(Server(name, int(port)))
    sys.exit(f"{command} ended too soon")


def nginx(folder, running):
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = os.path.join(folder, "nginx.conf")
    with open(settings, "w", encoding="ascii") as file:
        file.write(
            f"daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}}\n"
            f"http {{ access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;\n"
            f"fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;\n"
            f"server {{ listen 127.0.0.1:{port}; root {folder}/files; dav_methods PUT; }} }}\n"
        )
    running.append(subprocess.Popen([program("nginx"), "-p", folder, "-c", settings]))
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return [Server("nginx (static files, `dav_methods PUT`)", port)]
        time.sleep(0.05)
    sys.exit("nginx does not listen")


def program(name):
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin")


def files(folder):
    path = os.path.join(folder, "note")
    os.makedirs(folder)
    with open(path, "w", encoding="ascii") as file:
        file.write("version 1")
    os.utime(path, (784111777, 784111777))
    return folder


def start_all(folder, running):
    """Builds and starts all servers, ours first."""
    subprocess.run(["cargo", "build", "--quiet", "--manifest-path", f"{HERE}/Cargo.toml"], check=True)
    target = os.environ.get("CARGO_TARGET_DIR", f"{HERE}/target")
    servers = start([f"{target}/debug/compare", files(f"{folder}/rust")], running)
    servers.sort(key=lambda server: server.name != "tower-precondition")
    if program("go"):
        subprocess.run(["go", "build", "-o", f"{folder}/go", f"{HERE}/others/serve_content.go"], check=True)
        servers += start([f"{folder}/go", files(f"{folder}/gofiles")], running)
    else:
        print("NOT PLAYED: Go is not installed", file=sys.stderr)
    if program("nginx"):
        os.makedirs(f"{folder}/nginx")
        os.chmod(folder, 0o755)
        files(f"{folder}/nginx/files")
        os.chmod(f"{folder}/nginx/files", 0o777)
        servers += nginx(f"{folder}/nginx", running)
    else:
        print("NOT PLAYED: nginx is not installed", file=sys.stderr)
    return servers


def table_of_rows(servers):
    servers = [server for server in servers if " inside " not in server.name]
    lines = ["| request | RFC 9110 | " + " | ".join(server.name for server in servers) + " |"]
    lines.append("|---|---|" + "---|" * len(servers))
    wrong = [0] * len(servers)
    for row, section, needs, asked in ROWS:
        cells = [server.play(needs, *asked) for server in servers]
        wrong = [count + ("*" in cell) for count, cell in zip(wrong, cells)]
        lines.append(f"| {row} | §{section} | " + " | ".join(cells) + " |")
    lines.append("| **deviations** | | " + " | ".join(f"**{count}**" for count in wrong) + " |")
    return "\n".join(lines)


def main(make_table, plays=1):
    """Starts the servers and prints the table of them. With `--check`, a page must show it, of one of so many plays."""
    page = None
    if sys.argv[1:2] == ["--check"]:
        with open(sys.argv[2], encoding="utf-8") as file:
            page = file.read()
    running = []
    with tempfile.TemporaryDirectory() as folder:
        try:
            servers = start_all(folder, running)
            for _ in range(plays):
                table = make_table(servers)
                if page is None or table in page:
                    break
        finally:
            for process in running:
                process.terminate()
                process.wait()
    print(table)
    if page is not None and table not in page:
        sys.exit(f"{sys.argv[2]} does not show this table")


if __name__ == "__main__":
    main(table_of_rows)
