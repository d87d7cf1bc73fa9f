#!/usr/bin/env python3
"""Plays the public suite (suite/) against the servers of play.py, and prints how many cases each fails.

    python3 compare/play_suite.py                           prints the table
    python3 compare/play_suite.py --check docs/COMPARE.md   fails if the page does not show this table
    python3 compare/play_suite.py --cases                   prints each failed case too

It needs what play.py needs.
"""

import json
import os
import subprocess
import sys

import play

SUITE = os.path.join(play.HERE, "..", "suite", "run.py")


def play_on(server):
    """All cases, each with its level and its outcome. What can be written is what plain requests could write."""
    url = f"http://127.0.0.1:{server.port}"
    arguments = [f"{url}/note", "--missing", f"{url}/missing"]
    if "write" in server.can:
        arguments += ["--write", f"{url}/note"]
    if server.ask("PUT", "/new-0")[0] < 300 and server.ask("GET", "/new-0")[0] == 200:
        arguments += ["--create", url + "/new-{n}"]
    ended = subprocess.run([sys.executable, SUITE, "--json", *arguments], capture_output=True, text=True, check=False)
    # What it says otherwise is that nginx, whose DELETE is off, keeps what was created in its temporary folder.
    if ended.returncode not in (0, 1):
        sys.exit(f"{server.name}: the suite could not be played: {ended.stderr}")
    return json.loads(ended.stdout)["cases"]


def row(server):
    cases = play_on(server)
    cells = []
    for level in ("MUST", "SHOULD"):
        played = [case for case in cases if case["level"] == level and case["outcome"] != "not applicable"]
        failed = [case for case in played if case["outcome"] == "failed"]
        silent = sum("no answer" in case["problem"] for case in failed)
        told = f" ({silent} without an answer)" if silent else ""
        cells.append(f"{len(failed)}{told} of {len(played)}")
        if sys.argv[1:2] == ["--cases"]:
            for case in failed:
                print(f"{server.name}: {level} {case['id']} ({case['rule']}): {case['problem']}")
    return f"| {server.name} | " + " | ".join(cells) + " |"


def table_of_cases(servers):
    return "\n".join(["| | MUST failed | SHOULD failed |", "|---|---|---|", *map(row, servers)])


if __name__ == "__main__":
    # nginx tags by the second: two writes that a second's end parts change its counts.
    play.main(table_of_cases, plays=3)
