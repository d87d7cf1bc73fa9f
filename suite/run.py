#!/usr/bin/env python3
"""Plays a conformance suite for HTTP conditional requests against your server.

    python3 suite/run.py http://127.0.0.1:3000/document

It reads that resource only. To play writes too, name what may be written:

    python3 suite/run.py http://127.0.0.1:3000/document \\
        --write http://127.0.0.1:3000/document --create 'http://127.0.0.1:3000/new-{n}'
"""

import argparse
import fnmatch
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from player import cases, report  # noqa: E402  (the folder must be on the path first)
from player.play import Player, Unanswered  # noqa: E402
from player.server import Server, Settings, Unusable  # noqa: E402
from player.wire import Address, Wire  # noqa: E402

EPILOG = """\
What it changes: only what --write, --create, --post and --required name. It sends PUT to the first, creates
and deletes resources at the second, and puts the original contents back in the end, if the server allows it.
Elsewhere it sends GET, HEAD, OPTIONS, TRACE and a method that no server knows. It follows no redirect.

Levels: MUST and SHOULD are the RFC's. A MAY never fails: it shows which of the lawful choices the server
makes. A case whose needs the server lacks is "not applicable", and is counted.

Exit status: 0 if no MUST failed (with --strict: and no SHOULD), 1 if one did, 2 if the suite could not be
played. An argument @FILE stands for the arguments in that file, one a line.
"""


def arguments(argv=None):
    parser = argparse.ArgumentParser(
        prog="run.py", description=__doc__, epilog=EPILOG, fromfile_prefix_chars="@",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("document", metavar="URL", nargs="?", help="a resource that GET answers 200")

    more = parser.add_argument_group("more resources, each opens more cases")
    add = more.add_argument
    add("--write", dest="writable", metavar="URL", help="a resource that exists and that PUT may change")
    add("--create", dest="absent", metavar="URL",
        help="where nothing exists, and PUT may create; {n} is a new number each time, {uuid} a UUID")
    add("--required", metavar="URL", help="a resource whose PUT without a condition is answered 428")
    add("--post", dest="posted", metavar="URL", help="a resource that exists and that POST may act on")
    add("--missing", metavar="URL", help="where GET is answered 404 [default: that of --create]")
    add("--redirect", metavar="URL", help="a resource that GET answers with a redirect")
    add("--forbidden", metavar="URL", help="a resource that GET answers with 401, 403 or another 4xx")

    sent = parser.add_argument_group("what is sent")
    add = sent.add_argument
    add("--field", action="append", default=[], metavar="LINE",
        help="a field line for all requests, such as 'Authorization: ...'")
    add("--write-field", action="append", default=[], metavar="LINE", help="a field line for all writes")
    add("--field-of", action="append", default=[], nargs=2, metavar=("NAME", "LINE"),
        help="a field line for one resource: document, write, create, created (what a case made there), required, "
        "post, missing, redirect or forbidden")
    add("--body", metavar="TEXT", help="the content of a PUT or POST; {n} is a new number each time")
    add("--content-type", metavar="TYPE", help="its media type [default: text/plain]")
    add("--patch-body", metavar="TEXT", help="the content of a PATCH to the resource of --write; {n} as above")
    add("--patch-type", metavar="TYPE", help="its media type [default: application/merge-patch+json]")
    add("--witness", metavar="NAME",
        help="for servers that keep no state: a field that an answer has exactly if the method was performed")

    how = parser.add_argument_group("how it is played and told")
    add = how.add_argument
    add("--only", action="append", default=[], metavar="WHAT",
        help="cases by id (with * and ?), section, level or group, such as 'if-match-*', 13.1.5, MUST")
    add("--list", action="store_true", help="print the cases and play none")
    add("--all", action="store_true", help="print the cases that passed too")
    add("--json", action="store_true", help="print the whole play as JSON")
    add("--strict", action="store_true", help="a failed SHOULD fails the play")
    add("--timeout", type=float, default=10, metavar="SECONDS", help="the time for each request [default: 10]")
    add("--insecure", action="store_true", help="do not verify the certificate of an https URL")
    return parser, parser.parse_args(argv)


def settings_of(options):
    settings = Settings()
    for target in ("document", "writable", "absent", "required", "posted", "missing", "redirect", "forbidden"):
        url = getattr(options, target)
        if target == "missing":
            url = url or options.absent
        if url:
            Address(url)
            settings.urls[target] = url
    settings.lines = options.field
    settings.write_lines = options.write_field
    names = {"write": "writable", "create": "absent", "post": "posted"}
    for name, line in options.field_of:
        if name not in names and name not in cases.TARGETS:
            raise ValueError(f"--field-of: no resource is called {name}")
        settings.lines_of.setdefault(names.get(name, name), []).append(line)
    for line in settings.lines + settings.write_lines + sum(settings.lines_of.values(), []):
        if ":" not in line:
            raise ValueError(f"{line}: expected a field line, such as 'Authorization: Bearer abc'")
    for name in ("body", "content_type", "patch_body", "patch_type", "witness"):
        if getattr(options, name) is not None:
            setattr(settings, name, getattr(options, name))
    return settings


def chosen(wanted):
    """The cases that `--only` names."""
    found = [
        case for case in cases.load()
        if not wanted or any(
            fnmatch.fnmatch(case.id, what) or what in (case.section, case.level, case.group, case.rule())
            for what in wanted
        )
    ]
    if not found:
        raise ValueError(f"no case is called {' or '.join(wanted)}; see --list")
    return found


def play(options, settings, wanted):
    """Plays the cases, and returns the results with the lines that must be told."""
    server = Server(settings, Wire(options.timeout, verify=not options.insecure))
    results, told = [], []
    try:
        server.learn(wanted)
        player = Player(server)
        for case in wanted:
            results.append(player.play(case))
    except Unanswered as reason:
        told.append(f"stopped after {len(results)} of {len(wanted)} cases: {reason}")
    finally:
        left = server.restore()
        for line in left:
            print(line, file=sys.stderr)
    return results, told


def main(argv=None):
    parser, options = arguments(argv)
    try:
        wanted = chosen(options.only)
        if options.list:
            for case in wanted:
                print(f"{case.id:50} {case.level:7} {case.rule():20} {case.why}")
            return 0
        if not options.document:
            parser.print_usage(sys.stderr)
            print("run.py: expected the URL of a resource; see --help", file=sys.stderr)
            return 2
        results, told = play(options, settings_of(options), wanted)
    except (Unusable, ValueError) as error:
        print(f"run.py: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    print(report.as_json(results, options.document) if options.json else "\n".join(report.text(results, options.all)))
    for line in told:
        print(f"run.py: {line}", file=sys.stderr)
    if told:
        return 2
    levels = ("MUST", "SHOULD") if options.strict else ("MUST",)
    return 1 if any(report.failed(results, level) for level in levels) else 0


if __name__ == "__main__":
    sys.exit(main())
