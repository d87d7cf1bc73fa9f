"""The server under test: its resources by the user's names for them, and what can be learned of them."""

import uuid

from .cases import FIELD_NEED, TARGETS, WRITES
from .values import Validators
from .wire import Address, Request

GONE = (404, 410)


class Unusable(Exception):
    """A resource that the user named is not what the suite needs."""


class Settings:
    """What the user says about the server."""

    def __init__(self):
        self.urls = {}
        self.lines = []
        self.lines_of = {}
        self.write_lines = []
        self.body = "conditional suite, write {n}\n"
        self.content_type = "text/plain"
        self.patch_body = None
        self.patch_type = "application/merge-patch+json"
        self.witness = None


class State:
    """What a GET shows."""

    def __init__(self, answer):
        self.answer = answer
        self.exists = answer.status == 200
        self.content = answer.content
        self.validators = Validators(answer)


class Resource:
    """One resource that a case plays on."""

    def __init__(self, server, target, address):
        self.server, self.target, self.address = server, target, address

    def request(self, method, lines=(), content=None, content_type=None, expects_continue=False):
        settings = self.server.settings
        all_lines = settings.lines + settings.lines_of.get(self.target, [])
        if method in WRITES:
            all_lines = all_lines + settings.write_lines
        if content is not None and content_type:
            all_lines = all_lines + [f"Content-Type: {content_type}"]
        return Request(method, self.address, all_lines + list(lines), content, expects_continue)

    def ask(self, method, lines=(), content=None, content_type=None):
        return self.send(self.request(method, lines, content, content_type))

    def send(self, request):
        """Sends a request, and notes that what was read before may have changed."""
        if request.method in WRITES:
            self.server.has_written = True
        return self.server.wire.exchange(request)

    def put(self, content, lines=()):
        return self.ask("PUT", lines, content, self.server.settings.content_type)

    def state(self):
        return State(self.ask("GET"))


class Server:
    """Learns once what each resource can do, and puts back what was there."""

    def __init__(self, settings, wire):
        self.settings, self.wire = settings, wire
        self.number = 0
        self.facts = {target: set() for target in TARGETS}
        # The target that is asked at present.
        self.learning = None
        self.read = {}
        self.has_written = False
        self.original = {}
        self.left_behind = []

    # --- Learning ---

    def learn(self, wanted):
        """Asks each named resource that a case plays on. Raises `Unusable` if one is not what its option says."""
        targets = {"document"} | {"absent" if case.target == "created" else case.target for case in wanted}
        document = self.resource("document").state()
        if document.answer.status != 200:
            said = document.answer.error or f"{document.answer.status} {document.answer.reason}"
            location = document.answer.field("location")
            hint = f" to {location}: name that URL" if location else ": the suite needs a 200"
            raise Unusable(f"GET {self.settings.urls['document']} is answered {said}{hint}")
        for target in [target for target in self.settings.urls if target in targets]:
            self.learning = target
            getattr(self, f"learn_{target}", self.learn_refused)(target)

    def learn_document(self, target):
        resource = self.resource(target)
        self.read[target] = state = resource.state()
        self.facts[target] |= self.reading_facts(resource, state)

    def learn_refused(self, target):
        """Of a resource that is asked for its refusal alone."""
        self.read[target] = state = self.resource(target).state()
        status, wanted = state.answer.status, {"redirect": "3xx", "missing": "404 or 410"}.get(target, "4xx")
        fits = {"redirect": status // 100 == 3, "missing": status in GONE}.get(target, status // 100 == 4)
        if not fits:
            said = state.answer.error or status
            url, option = self.settings.urls[target], TARGETS[target]
            raise Unusable(f"GET {url} is answered {said}, and {option} names a {wanted}")

    def learn_writable(self, target):
        resource = self.resource(target)
        self.original[target] = state = resource.state()
        if not state.exists:
            raise Unusable(f"GET {resource.address.url} is answered {state.answer.status}, and --write names a 200")
        facts = self.facts[target]
        facts |= self.reading_facts(resource, state)
        answer = resource.put(self.new_content())
        if answer.status // 100 == 2:
            facts.add("plain-write")
        elif answer.status == 428:
            answer = resource.put(self.new_content(), self.current_condition(state))
        if answer.status // 100 != 2:
            said = answer.error or f"{answer.status} {answer.reason}"
            raise Unusable(f"PUT {resource.address.url} is answered {said}; see --body, --content-type, --field")
        self.learn_memory(target, resource, state, answer)
        if self.settings.patch_body is not None:
            facts.add("patch")

    def learn_memory(self, target, resource, before, answer):
        """Whether GET shows what was written. If not, the user's witness must tell it."""
        if resource.state().content != before.content:
            self.facts[target].add("stateful")
        elif not self.settings.witness:
            raise Unusable(
                f"PUT {resource.address.url} is answered {answer.status}, and GET shows the old content; see --body"
            )

    def learn_posted(self, target):
        resource = self.resource(target)
        state = resource.state()
        self.facts[target] |= self.reading_facts(resource, state)
        answer = resource.ask("POST", (), self.new_content(), self.settings.content_type)
        if answer.status // 100 == 2:
            self.facts[target].add("plain-write")
        elif answer.status != 428:
            said = answer.error or f"{answer.status} {answer.reason}"
            raise Unusable(f"POST {resource.address.url} is answered {said}; see --body, --content-type, --field")

    def learn_required(self, target):
        resource = self.resource(target)
        self.original[target] = state = resource.state()
        if not state.exists:
            raise Unusable(f"GET {resource.address.url} is answered {state.answer.status}, and --required names a 200")
        self.facts[target] |= self.reading_facts(resource, state)
        answer = resource.put(self.new_content())
        if answer.status != 428:
            raise Unusable(f"PUT {resource.address.url} is answered {answer.status}, and --required names a 428")
        self.facts[target].add("stateful")
        if self.settings.witness:
            self.facts[target].discard("stateful")

    def learn_absent(self, target):
        resource = self.resource(target)
        if resource.state().answer.status not in GONE:
            raise Unusable(f"{resource.address.url} exists, and --create names what does not")
        facts = self.facts[target]
        answer = resource.put(self.new_content(), ["If-None-Match: *"])
        if answer.status // 100 != 2:
            said = answer.error or f"{answer.status} {answer.reason}"
            raise Unusable(f"PUT {resource.address.url} with If-None-Match: * is answered {said}")
        if resource.state().exists:
            facts.add("stateful")
        elif not self.settings.witness:
            raise Unusable(f"PUT {resource.address.url} is answered {answer.status}, and nothing is there")
        self.clean(resource)
        if "{n}" not in resource.pattern and self.left_behind:
            url = resource.address.url
            raise Unusable(f"{url} cannot be deleted, so its URL needs {{n}}, which is a new number each time")
        again = self.resource(target)
        if again.put(self.new_content()).status // 100 == 2:
            facts.add("plain-write")
            self.clean(again)
        self.learn_created()

    def learn_created(self):
        self.facts["created"] = facts = self.facts["absent"] & {"stateful"}
        made = self.create()[0]
        if made is None:
            return
        if made.put(self.new_content()).status // 100 == 2:
            facts.add("plain-write")
        if made.ask("DELETE", self.current_condition(made.state())).status // 100 == 2:
            facts.add("delete")
        self.clean(made)

    def start(self, target, resource):
        """The state in which a case finds its resource. What only others may change is not read again each time."""
        if target not in self.read:
            return resource.state()
        if target == "document" and self.has_written:
            # The document may be what was written, under the same URL or another.
            self.read[target] = resource.state()
            self.has_written = False
        return self.read[target]

    # --- Facts ---

    def reading_facts(self, resource, state):
        """What GET and HEAD tell. The validators are looked at again for each case."""
        facts = set()
        if not state.exists:
            return facts
        if resource.state().content == state.content:
            facts.add("stable")
        if len(state.content) >= 3:
            facts.add("content")
        if resource.ask("HEAD").status == 200:
            facts.add("same-head")
        part = resource.ask("GET", ["Range: bytes=0-0"])
        facts.add("ranges" if part.status == 206 else "no-ranges")
        coded = resource.ask("GET", ["Accept-Encoding: gzip"])
        if coded.field("content-encoding") == "gzip" and not state.answer.field("content-encoding"):
            facts.add("codings")
        return facts

    def has(self, need, target, state):
        """Whether a resource in this state has what a case needs."""
        field = FIELD_NEED.fullmatch(need)
        if field:
            return state.answer.field(field[1]) is not None
        validators = state.validators
        about = {
            "tag": validators.strong is not None,
            "strong": validators.strong is not None and not validators.is_weak,
            "weak": validators.strong is not None and validators.is_weak,
            "no-tag": state.exists and validators.tag is None,
            "letters": bool(validators.strong) and validators.strong.swapcase() != validators.strong,
            "date": validators.date is not None,
            "no-date": state.exists and state.answer.field("last-modified") is None,
            "past-date": validators.date is not None and (validators.now - validators.date).total_seconds() > 60,
        }
        return about[need] if need in about else need in self.facts[target]

    # --- Resources ---

    def resource(self, target):
        """The resource of a target. If its URL has `{n}` or `{uuid}`, each has a URL of its own."""
        named = "absent" if target == "created" else target
        pattern = self.settings.urls[named]
        self.number += 1
        url = pattern.replace("{n}", str(1_000_000_000 + uuid.uuid4().int % 8_000_000_000))
        resource = Resource(self, target, Address(url.replace("{uuid}", str(uuid.uuid4()))))
        resource.pattern = pattern.replace("{uuid}", "{n}")
        return resource

    def new_content(self):
        self.number += 1
        return self.settings.body.replace("{n}", str(self.number)).encode()

    def create(self):
        """Creates a resource, or returns None with the reason."""
        maker = self.resource("absent")
        answer = maker.put(self.new_content(), ["If-None-Match: *"])
        made = Resource(self, "created", maker.address)
        made.pattern = maker.pattern
        if answer.status // 100 != 2:
            return None, f"a resource could not be created: {answer.error or answer.status}"
        return made, None

    @staticmethod
    def current_condition(state):
        """The condition that an unchanged resource meets."""
        validators = state.validators
        if validators.strong and not validators.is_weak:
            return [f"If-Match: {validators.tag}"]
        date = state.answer.field("last-modified")
        return [f"If-Unmodified-Since: {date}"] if date and not validators.strong else ["If-Match: *"]

    # --- Putting back ---

    def clean(self, resource):
        """Deletes what a case created."""
        state = resource.state()
        if not state.exists or self.is_stateless(resource.target):
            return
        resource.ask("DELETE", self.current_condition(state))
        if resource.state().exists:
            self.left_behind.append(resource.address.url)

    def is_stateless(self, target):
        return "stateful" not in self.facts["absent" if target == "created" else target]

    def restore(self):
        """Puts the original contents back; returns a line for each resource that could not be restored."""
        lines = []
        for target, original in self.original.items():
            resource = self.resource(target)
            if self.is_stateless(target) or not original.exists:
                continue
            state = resource.state()
            if state.content == original.content:
                continue
            kind = original.answer.field("content-type") or self.settings.content_type
            answer = resource.ask("PUT", self.current_condition(state), original.content, kind)
            if resource.state().content != original.content:
                lines.append(f"{resource.address.url} is NOT as it was: the PUT that restores it got {answer.status}")
        return lines + [f"{url} was created, and could not be deleted" for url in self.left_behind]
