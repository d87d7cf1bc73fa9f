"""What the user reads: each case that failed with its request, answer and rule, and the counts."""

import json
from collections import Counter

from .cases import LEVELS
from .play import FAILED, NOT_APPLICABLE, OBSERVED, PASSED, UNUSUAL


def text(results, everything=False):
    """The report as lines."""
    lines = []
    for result in results:
        if result.outcome in (FAILED, UNUSUAL):
            lines += failure(result) + [""]
        elif everything and result.outcome != NOT_APPLICABLE:
            lines.append(f"{result.outcome:8}  {result.case.id}  {answers(result)}")
    return lines + observations(results) + reasons(results) + counts(results)


def failure(result):
    case = result.case
    word = "FAILED" if result.outcome == FAILED else "UNUSUAL"
    lines = [f"{word}  {case.id}  ({case.level}, {case.rule()})", f"  rule      {case.why}"]
    shown = result.exchanges
    if len(shown) > 4:
        shown = shown[:1]
        lines.append(f"  requests  {len(result.exchanges)} at once; the first:")
    for exchange in shown:
        lines += block("sent", exchange.request.shown())
        lines += block("answered", exchange.answer.shown())
        lines += block("allowed", [exchange.expected])
    lines += block("wrong", [result.problem])
    if result.exchanges:
        lines += block("repeat", [result.exchanges[-1].request.curl()])
    return lines


def block(name, lines):
    first, *rest = lines
    return [f"  {name:8}  {first}"] + [f"{'':12}{line}" for line in rest]


def answers(result):
    return ", ".join(str(exchange.answer.status) for exchange in result.exchanges)


def observations(results):
    seen = [result for result in results if result.outcome == OBSERVED]
    if not seen:
        return []
    lines = ["What the RFC leaves to the server, and what this one does:"]
    return lines + [f"  {answers(result):10}  {result.case.id}: {result.case.why}" for result in seen] + [""]


def reasons(results):
    """Why cases were not played."""
    left_out = Counter(result.problem for result in results if result.outcome == NOT_APPLICABLE)
    if not left_out:
        return []
    lines = [f"Not applicable to this server: {sum(left_out.values())} cases"]
    return lines + [f"  {count:4}  {reason}" for reason, count in left_out.most_common()] + [""]


def counts(results):
    """A line for each level, with every outcome."""
    lines = [f"{'':8}{'passed':>10}{'FAILED':>10}{'not applicable':>17}{'all':>7}"]
    for level in LEVELS:
        of_level = Counter(result.outcome for result in results if result.case.level == level)
        passed = of_level[PASSED] + of_level[OBSERVED]
        failed = of_level[FAILED] + of_level[UNUSUAL]
        lines.append(f"{level:8}{passed:>10}{failed:>10}{of_level[NOT_APPLICABLE]:>17}{sum(of_level.values()):>7}")
    return lines


def as_json(results, url):
    """The whole play as JSON."""
    return json.dumps(
        {
            "server": url,
            "counts": {
                level: Counter(result.outcome for result in results if result.case.level == level) for level in LEVELS
            },
            "cases": [as_row(result) for result in results],
        },
        indent=1,
    )


def as_row(result):
    case = result.case
    row = {
        "id": case.id,
        "group": case.group,
        "rule": case.rule(),
        "level": case.level,
        "outcome": result.outcome,
        "why": case.why,
    }
    if result.problem:
        row["problem"] = result.problem
    if result.exchanges:
        row["exchanges"] = [
            {
                "sent": exchange.request.shown(),
                "answered": exchange.answer.shown(),
                "allowed": exchange.expected,
                "curl": exchange.request.curl(),
            }
            for exchange in result.exchanges
        ]
    return row


def failed(results, level):
    return [result for result in results if result.outcome == FAILED and result.case.level == level]
