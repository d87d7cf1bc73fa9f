"""Validators of an answer, and the templates that cases make of them."""

import re
from datetime import datetime, timedelta, timezone

IMF_FIXDATE = "%a, %d %b %Y %H:%M:%S GMT"
RFC_850 = "%A, %d-%b-%y %H:%M:%S GMT"
ASCTIME = "%a %b %e %H:%M:%S %Y"
FORMS = {"imf": IMF_FIXDATE, "rfc850": RFC_850, "asctime": ASCTIME}

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

# RFC 9110 §8.8.3: the octets between the quotes are visible, or beyond ASCII, and not a quote.
ENTITY_TAG = re.compile(r'(W/)?("[\x21\x23-\x7e\x80-\xff]*")')
IMF = re.compile(r"(\w{3}), (\d{2}) (\w{3}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT", re.ASCII)

TEMPLATE = re.compile(r"\{([^{}]+)\}")
INSTANT = re.compile(r"(date|now)([+-]\d+)?(?:\|(.*))?")


def read_date(text):
    """The instant of an IMF-fixdate, or None."""
    parts = IMF.fullmatch(text or "")
    if not parts or parts[3] not in MONTHS:
        return None
    try:
        date = datetime(
            int(parts[4]), MONTHS.index(parts[3]) + 1, int(parts[2]),
            int(parts[5]), int(parts[6]), min(int(parts[7]), 59), tzinfo=timezone.utc,
        )
    except ValueError:
        return None
    return date if parts[1] == DAYS[date.weekday()][:3] else None


def write_date(date, form=IMF_FIXDATE):
    """The date in a form of `strftime`, in English whatever the locale is, with `%e` for a day padded by a space."""
    day, month = DAYS[date.weekday()], MONTHS[date.month - 1]
    for directive, text in (
        ("%A", day), ("%a", day[:3]), ("%b", month), ("%e", f"{date.day:2}"), ("%Y", f"{date.year:04}"),
    ):
        form = form.replace(directive, text)
    return date.strftime(form)


class Validators:
    """What an answer to GET or HEAD says about a representation."""

    def __init__(self, answer):
        self.tag = answer.field("etag")
        match = ENTITY_TAG.fullmatch(self.tag or "")
        self.is_weak = bool(match and match[1])
        self.strong = match[2] if match else None
        self.date = read_date(answer.field("last-modified"))
        self.now = read_date(answer.field("date")) or datetime.now(timezone.utc)

    def values(self):
        """The templates that stand for themselves."""
        if self.strong is None:
            return {}
        opaque = self.strong[1:-1]
        return {
            "tag": self.tag,
            "strong": self.strong,
            "weak": "W/" + self.strong,
            "opaque": opaque,
            "other": f'"{opaque}-other"',
            "swapped": f'"{opaque.swapcase()}"',
            "shorter": f'"{opaque[:-1]}"',
        }

    def instant(self, name):
        return self.now if name == "now" else self.date


def fill(text, current, before, number):
    """Replaces the templates. `old.` before a name means the state at the start of the case."""

    def value(match):
        name, validators = match[1], current
        if name == "n":
            return str(number)
        if name.startswith("old."):
            name, validators = name[4:], before
        instant = INSTANT.fullmatch(name)
        if instant:
            date = validators.instant(instant[1]) + timedelta(seconds=int(instant[2] or 0))
            form = instant[3] or "imf"
            return write_date(date, FORMS.get(form, form))
        return validators.values()[name]

    return TEMPLATE.sub(value, text)
