"""What an answer must have beside its status. Each check returns what is wrong, or None."""

import re

from .values import ENTITY_TAG, Validators, read_date
from .wire import visible

CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")


class Played:
    """What a check can look at: the answers, the state before them, and the server."""

    def __init__(self, resource, request, answer, before, stable):
        self.resource, self.request, self.answer = resource, request, answer
        self.before, self.stable = before, stable


def check(name, played):
    word, _, field = name.partition(" ")
    if field:
        return FIELD_CHECKS[word](field, played)
    return CHECKS[word](played)


# --- Content ---


def empty(played):
    if played.answer.content:
        return f"{len(played.answer.content)} octets follow the head"
    return None


def full(played):
    if played.answer.status == 200 and played.stable and played.answer.content != played.before.content:
        return f"the content has {len(played.answer.content)} octets, and differs from that of a plain GET"
    return None


def part(played):
    if played.answer.status != 206:
        return None
    found = CONTENT_RANGE.fullmatch(played.answer.field("content-range") or "")
    if not found:
        return "Content-Range does not name one part"
    whole, first, last = played.before.content, int(found[1]), int(found[2])
    if found[3] not in ("*", str(len(whole))) or played.answer.content != whole[first : last + 1]:
        return "the content is not the part that Content-Range names"
    return None


def length(played):
    said = played.answer.field("content-length")
    if said is not None and played.stable and said != str(len(played.before.content)):
        return f"Content-Length is {said}, and the 200 has {len(played.before.content)} octets"
    return None


def explains(played):
    return None if played.answer.content else "there is no content"


# --- Validators ---


def etag_syntax(played):
    lines = played.answer.lines_of("etag")
    if len(lines) != 1 or not ENTITY_TAG.fullmatch(lines[0]):
        return f"ETag is {visible(' and '.join(lines))}"
    return None


def one_date(field):
    def syntax(played):
        lines = played.answer.lines_of(field)
        if len(lines) != 1 or read_date(lines[0]) is None:
            return f"{field} is {visible(' and '.join(lines)) or 'missing'}"
        return None

    return syntax


def not_after_date(played):
    modified, date = (read_date(played.answer.field(name)) for name in ("last-modified", "date"))
    if modified and date and modified > date:
        return f"Last-Modified is {(modified - date).total_seconds():.0f} s later than Date"
    return None


def new_tag(played):
    now = played.resource.state().validators
    if now.tag == played.before.validators.tag:
        return f"the tag is still {visible(now.tag or 'missing')}"
    return None


def tag_of_now(played):
    tag = played.answer.field("etag")
    if tag is None or played.answer.status // 100 != 2:
        return None
    state = played.resource.state()
    if state.content != played.request.content:
        return "the answer has an ETag, and GET shows other octets than were sent"
    if tag != state.answer.field("etag"):
        return f"the answer has the ETag {visible(tag)}, and a GET {visible(state.answer.field('etag') or 'none')}"
    return None


def not_older(played):
    now, before = played.resource.state().validators.date, played.before.validators.date
    if now is None or now < before:
        return f"Last-Modified was {before}, and is {now}"
    return None


def other_tag_if_coded(played):
    if not played.answer.field("content-encoding"):
        return None
    coded = Validators(played.answer)
    if coded.strong and not coded.is_weak and coded.tag == played.before.validators.tag:
        return f"both have the strong tag {visible(coded.tag)}"
    return None


def no_continue(played):
    return "a 100 came first" if 100 in played.answer.interim else None


# --- Fields ---


def same(field, played):
    wanted, found = played.before.answer.field(field), played.answer.field(field)
    if wanted is not None and found is None:
        return f"{field} is missing; the 200 has {visible(wanted)}"
    return same_if_any(field, played)


def same_if_any(field, played):
    wanted, found = played.before.answer.field(field), played.answer.field(field)
    if found is not None and found != wanted:
        return f"{field} is {visible(found)}, and of the 200 {visible(wanted or 'missing')}"
    return None


def has(field, played):
    return None if played.answer.lines_of(field) else f"{field} is missing"


def lacks(field, played):
    return f"{field} is there: {visible(played.answer.field(field))}" if played.answer.lines_of(field) else None


CHECKS = {
    "empty": empty,
    "full": full,
    "part": part,
    "length": length,
    "explains": explains,
    "etag-syntax": etag_syntax,
    "last-modified-syntax": one_date("last-modified"),
    "date-syntax": one_date("date"),
    "not-after-date": not_after_date,
    "new-tag": new_tag,
    "tag-of-now": tag_of_now,
    "not-older": not_older,
    "other-tag-if-coded": other_tag_if_coded,
    "no-continue": no_continue,
}
FIELD_CHECKS = {"same": same, "same-if-any": same_if_any, "has": has, "lacks": lacks}
