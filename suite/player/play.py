"""Plays cases, and judges the answers."""

from concurrent.futures import ThreadPoolExecutor

from . import checks
from .cases import NEEDS, TARGETS, WRITES
from .server import GONE
from .values import fill

PASSED, FAILED, NOT_APPLICABLE = "passed", "failed", "not applicable"
# A MAY only observes: which of the lawful choices the server took, or another one.
OBSERVED, UNUSUAL = "observed", "unusual"

# The targets whose state a case may change.
CHANGING = ("writable", "absent", "created", "posted", "required")


class Exchange:
    """One request with its answer."""

    def __init__(self, request, answer, expected):
        self.request, self.answer, self.expected = request, answer, expected


class Result:
    """How a case ended."""

    def __init__(self, case, outcome, problem=None, exchanges=()):
        self.case, self.outcome, self.problem = case, outcome, problem
        self.exchanges = list(exchanges)


class NotApplicable(Exception):
    """The server lacks what the case needs."""


class Unanswered(Exception):
    """The server stopped to answer."""


class Player:
    """Plays one case after the other on a server whose facts are learned."""

    # So many cases without any answer in a row end the play.
    PATIENCE = 5

    def __init__(self, server):
        self.server = server
        self.silent = 0

    def play(self, case):
        try:
            result = self.attempt(case)
            if result.outcome in (FAILED, UNUSUAL) and self.has_moved(case):
                # Somebody else changed the resource meanwhile.
                result = self.attempt(case)
        except NotApplicable as reason:
            return Result(case, NOT_APPLICABLE, str(reason))
        answers = [exchange.answer for exchange in result.exchanges]
        self.silent = self.silent + 1 if answers and all(answer.error for answer in answers) else 0
        if self.silent >= self.PATIENCE:
            raise Unanswered(f"{self.PATIENCE} cases in a row got no answer; the last: {answers[-1].error}")
        return result

    def has_moved(self, case):
        learned = self.server.read.get(case.target)
        if case.target != "document" or learned is None:
            return False
        now = self.server.resource("document").state()
        self.server.read["document"] = now
        moved = (now.validators.tag, now.answer.field("last-modified"), now.content)
        return moved != (learned.validators.tag, learned.answer.field("last-modified"), learned.content) and now.exists

    def attempt(self, case):
        resource = self.open(case)
        try:
            start = self.server.start(case.target, resource)
            self.assure(case, resource, start)
            return self.steps(case, resource, start)
        finally:
            if case.target in ("absent", "created"):
                self.server.clean(resource)

    def open(self, case):
        option = TARGETS[case.target]
        if option and ("absent" if case.target == "created" else case.target) not in self.server.settings.urls:
            raise NotApplicable(f"needs {option}")
        if case.target != "created":
            return self.server.resource(case.target)
        resource, reason = self.server.create()
        if resource is None:
            raise NotApplicable(reason)
        return resource

    def assure(self, case, resource, state):
        """Raises `NotApplicable` if the resource lacks what the case needs."""
        if case.target == "absent" and state.answer.status not in GONE:
            raise NotApplicable("needs a path where nothing exists; this one is taken")
        for need in case.needs:
            if need == "refuses":
                status = self.plain_status(case.steps[0], resource)
                if status // 100 == 2 or status in (0, 412, 428):
                    raise NotApplicable(f"needs {NEEDS[need]}; {case.steps[0].method} is answered {status}")
            elif not self.server.has(need, case.target, state):
                raise NotApplicable(f"needs {NEEDS.get(need) or 'the field ' + need.partition(':')[2]}")

    # --- Steps ---

    def steps(self, case, resource, start):
        before, exchanges = start, []
        for index, step in enumerate(case.steps):
            if index and case.target in CHANGING:
                before = resource.state()
            if step.at_once > 1:
                played = self.race(step, resource, before, start)
                exchanges += played
                problem = self.judge_race(step, played)
            else:
                exchange = self.send(step, resource, before, start)
                exchanges.append(exchange)
                problem = self.judge(case, step, exchange, resource, before)
            if problem:
                return Result(case, UNUSUAL if case.level == "MAY" else FAILED, problem, exchanges)
        return Result(case, OBSERVED if case.level == "MAY" else PASSED, None, exchanges)

    def request(self, step, resource, before, start):
        settings = self.server.settings
        content, kind = None, settings.content_type
        if step.content == "new":
            content = self.server.new_content()
        elif step.content == "same":
            content = before.content
            kind = before.answer.field("content-type") or kind
        elif step.content == "patch":
            self.server.number += 1
            content, kind = settings.patch_body.replace("{n}", str(self.server.number)).encode(), settings.patch_type
        lines = [fill(line, before.validators, start.validators, self.server.number) for line in step.fields]
        return resource.request(step.method, lines, content, kind, step.expects_continue)

    def send(self, step, resource, before, start):
        request = self.request(step, resource, before, start)
        return Exchange(request, resource.send(request), step.expected())

    def race(self, step, resource, before, start):
        requests = [self.request(step, resource, before, start) for _ in range(step.at_once)]
        with ThreadPoolExecutor(len(requests)) as pool:
            answers = list(pool.map(resource.send, requests))
        return [Exchange(request, answer, step.expected()) for request, answer in zip(requests, answers)]

    def plain_status(self, step, resource):
        return resource.ask(step.method).status

    # --- Judging ---

    def judge(self, case, step, exchange, resource, before):
        """What is wrong with the answer, or None."""
        answer = exchange.answer
        if answer.error:
            return answer.error
        plain = self.plain_status(step, resource) if "plain" in step.answers else None
        if not step.allows(answer.status, plain):
            if self.wants_another_condition(case, step, answer):
                raise NotApplicable("the server wants another condition here, and answers 428")
            return f"expected {step.expected()}, and the answer is {answer.status}"
        if answer.came_late:
            return "the server said nothing before the content was sent"
        stable = self.is_stable(case.target)
        played = checks.Played(resource, exchange.request, answer, before, stable)
        for name in step.checks:
            problem = checks.check(name, played)
            if problem:
                return problem
        if step.method in WRITES:
            return self.judge_write(step, answer, resource, before, stable)
        return None

    def is_stable(self, target):
        return target in ("absent", "created") or "stable" in self.server.facts[target]

    def wants_another_condition(self, case, step, answer):
        """RFC 6585 §3 leaves it to a server which conditions it requires."""
        named = [line for line in step.fields if line.lower().startswith("if-match:") and not line.endswith(": *")]
        return answer.status == 428 and not named and "plain-write" not in self.server.facts[case.target]

    def judge_write(self, step, answer, resource, before, stable):
        """A write that was refused must have changed nothing, and a write that succeeded must have been made."""
        succeeded = answer.status // 100 == 2
        witness = self.server.settings.witness
        if witness:
            if succeeded != bool(answer.lines_of(witness)):
                return f"{answer.status}, and the method was {'not ' * succeeded}performed"
            return None
        if not before.exists and step.method == "POST":
            return None
        now = resource.state()
        if not succeeded and is_changed(before, now, stable):
            return f"{answer.status}, and the write was made all the same"
        if succeeded and answer.status != 202 and not self.is_made(step, before, now, stable):
            return f"{answer.status}, and the write was not made"
        return None

    @staticmethod
    def is_made(step, before, now, stable):
        if step.method == "DELETE":
            return not now.exists
        if step.method == "POST" or step.content == "same":
            return True
        return now.exists and is_changed(before, now, stable)

    @staticmethod
    def judge_race(step, exchanges):
        passed = sum(exchange.answer.status // 100 == 2 for exchange in exchanges)
        if "one-passes" in step.checks and passed != 1:
            return f"{passed} of {len(exchanges)} requests succeeded"
        return None


def is_changed(before, now, stable):
    if before.exists != now.exists:
        return True
    if stable and before.content != now.content:
        return True
    return before.validators.tag != now.validators.tag
