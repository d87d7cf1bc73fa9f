//! RFC 9110 §13 read a second time, as slowly and plainly as possible.
//!
//! Nothing here calls the crate, so an error would have to be made twice, in two ways, to stay unseen.
//! Field lines are joined before they are parsed, lists become vectors, dates are counted year by year.
//! The numbers in the comments are the rows of the checklist that `core_rules` names its tests after.

// Every test file that includes this module uses another part of it.
#![allow(dead_code)]

/// An entity tag: the `W/`, and the bytes between the quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tag {
    pub(crate) weak: bool,
    pub(crate) opaque: Vec<u8>,
}

/// §8.8.3.2: both are not weak, and their opaque tags match byte by byte.
pub(crate) fn strong_match(a: &Tag, b: &Tag) -> bool {
    !a.weak && !b.weak && a.opaque == b.opaque
}

/// §8.8.3.2: the opaque tags match byte by byte, whether either is weak or not.
pub(crate) fn weak_match(a: &Tag, b: &Tag) -> bool {
    a.opaque == b.opaque
}

/// The text of a tag, as it stands in a field.
pub(crate) fn print_tag(tag: &Tag) -> Vec<u8> {
    let mut text = Vec::new();
    if tag.weak {
        text.extend_from_slice(b"W/");
    }
    text.push(b'"');
    text.extend_from_slice(&tag.opaque);
    text.push(b'"');
    text
}

/// `etagc = %x21 / %x23-7E / obs-text`, and `obs-text = %x80-FF` (§8.8.3).
pub(crate) fn is_etagc(byte: u8) -> bool {
    byte == 0x21 || (0x23..=0x7e).contains(&byte) || byte >= 0x80
}

/// `entity-tag = [ "W/" ] DQUOTE *etagc DQUOTE`, and nothing before or after it.
pub(crate) fn parse_tag(text: &[u8]) -> Option<Tag> {
    let (weak, quoted) = match text.strip_prefix(b"W/") {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let opaque = quoted.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    opaque.iter().all(|&byte| is_etagc(byte)).then(|| Tag { weak, opaque: opaque.to_vec() })
}

/// If-Match or If-None-Match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TagField {
    Absent,
    Any,
    List(Vec<Tag>),
    Malformed,
}

/// Joins the lines as §5.3 says and takes the result apart character by character.
pub(crate) fn parse_tag_field(lines: &[Vec<u8>]) -> TagField {
    if lines.is_empty() {
        return TagField::Absent;
    }
    let joined = lines.join(b", ".as_slice());

    // A comma inside quotes does not end a member (rule 48). There is no escape for a quote.
    let mut members: Vec<Vec<u8>> = vec![Vec::new()];
    let mut in_quotes = false;
    for &byte in &joined {
        if byte == b',' && !in_quotes {
            members.push(Vec::new());
            continue;
        }
        if byte == b'"' {
            in_quotes = !in_quotes;
        }
        members.last_mut().expect("there is always a last member").push(byte);
    }
    let members: Vec<Vec<u8>> = members.iter().map(|member| without_outer_white_space(member)).collect();

    // The other alternative of the grammar, and only if it is the whole field (rules 19 and 24).
    if members == [b"*".to_vec()] {
        return TagField::Any;
    }
    let mut tags = Vec::new();
    for member in members {
        // Empty members do not count (rule 52).
        if member.is_empty() {
            continue;
        }
        match parse_tag(&member) {
            Some(tag) => tags.push(tag),
            None => return TagField::Malformed,
        }
    }
    TagField::List(tags)
}

/// `OWS = *( SP / HTAB )`.
fn without_outer_white_space(text: &[u8]) -> Vec<u8> {
    let mut text = text.to_vec();
    while matches!(text.last(), Some(b' ' | b'\t')) {
        text.pop();
    }
    while matches!(text.first(), Some(b' ' | b'\t')) {
        text.remove(0);
    }
    text
}

/// If-Modified-Since or If-Unmodified-Since; whoever wrote the field knows the seconds of its date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DateField {
    Absent,
    SeveralLines,
    Invalid,
    At(i64),
}

/// If-Range, told apart as §13.1.5 says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RangeField {
    Absent,
    Tag(Tag),
    At(i64),
    Unusable,
}

/// If-Range from its lines. `date` is what whoever wrote the field knows of its date.
pub(crate) fn parse_range_field(lines: &[Vec<u8>], date: Option<i64>) -> RangeField {
    match lines {
        [] => RangeField::Absent,
        [line] if line.iter().take(3).any(|&byte| byte == b'"') => {
            parse_tag(line).map_or(RangeField::Unusable, RangeField::Tag)
        }
        [_] => date.map_or(RangeField::Unusable, RangeField::At),
        _ => RangeField::Unusable,
    }
}

/// The conditional fields of one request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields<'a> {
    pub(crate) if_match: &'a TagField,
    pub(crate) if_unmodified_since: &'a DateField,
    pub(crate) if_none_match: &'a TagField,
    pub(crate) if_modified_since: &'a DateField,
    pub(crate) if_range: &'a RangeField,
    pub(crate) range: bool,
}

/// A representation that exists.
#[derive(Clone, Debug)]
pub(crate) struct Current {
    pub(crate) tag: Option<Tag>,
    /// Whole seconds, and whether they are known to be a strong validator.
    pub(crate) modified: Option<(i64, bool)>,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Perform,
    Answer304,
    /// 412, on account of the field at this place of [`Verdict::truths`].
    Answer412(usize),
}

/// What became of one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Truth {
    NotPresent,
    True,
    False,
    /// Every reason that holds, as a set of the bits below. The RFC does not rank them.
    Ignored(u16),
}

pub(crate) const METHOD: u16 = 1;
pub(crate) const NO_REPRESENTATION: u16 = 1 << 1;
pub(crate) const BESIDE_IF_MATCH: u16 = 1 << 2;
pub(crate) const BESIDE_IF_NONE_MATCH: u16 = 1 << 3;
pub(crate) const INVALID_DATE: u16 = 1 << 4;
pub(crate) const SEVERAL_LINES: u16 = 1 << 5;
pub(crate) const NO_MODIFICATION_DATE: u16 = 1 << 6;
pub(crate) const NO_RANGE: u16 = 1 << 7;
pub(crate) const ALREADY_DECIDED: u16 = 1 << 8;

pub(crate) const IF_MATCH: usize = 0;
pub(crate) const IF_UNMODIFIED_SINCE: usize = 1;
pub(crate) const IF_NONE_MATCH: usize = 2;
pub(crate) const IF_MODIFIED_SINCE: usize = 3;
pub(crate) const IF_RANGE: usize = 4;

/// The whole answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) action: Action,
    pub(crate) range_may_stand: bool,
    /// In the order of §13.2.2, which is the order of the constants above.
    pub(crate) truths: [Truth; 5],
}

/// The table of §13.2.2.
pub(crate) fn evaluate(method: &str, fields: Fields<'_>, current: Option<&Current>) -> Verdict {
    let present = [
        *fields.if_match != TagField::Absent,
        *fields.if_unmodified_since != DateField::Absent,
        *fields.if_none_match != TagField::Absent,
        *fields.if_modified_since != DateField::Absent,
        *fields.if_range != RangeField::Absent,
    ];
    let all_ignored =
        |reason: u16| present.map(|present| if present { Truth::Ignored(reason) } else { Truth::NotPresent });

    // Rule 4.
    if method == "CONNECT" || method == "OPTIONS" || method == "TRACE" {
        return Verdict { action: Action::Perform, range_may_stand: false, truths: all_ignored(METHOD) };
    }
    // Rules 5 and 6.
    let reads = method == "GET" || method == "HEAD" || method == "QUERY";
    let has_ranges = method == "GET" || method == "QUERY";
    // Rule 2: the answer without the conditions is 404.
    if reads && current.is_none() {
        let range_may_stand = has_ranges && *fields.if_range == RangeField::Absent;
        return Verdict { action: Action::Perform, range_may_stand, truths: all_ignored(NO_REPRESENTATION) };
    }

    let current_tag = current.and_then(|current| current.tag.as_ref());
    let current_date = current.and_then(|current| current.modified);

    // Rules 13 to 15.
    let if_match = match fields.if_match {
        TagField::Absent => Truth::NotPresent,
        TagField::Any => truth(current.is_some()),
        TagField::List(tags) => {
            truth(current_tag.is_some_and(|current| tags.iter().any(|tag| strong_match(tag, current))))
        }
        TagField::Malformed => Truth::False,
    };

    // Rules 31 to 35.
    let mut reasons = 0;
    if present[IF_MATCH] {
        reasons |= BESIDE_IF_MATCH;
    }
    let if_unmodified_since = date_condition(
        fields.if_unmodified_since,
        current,
        reasons,
        // True if and only if Last-Modified is at or before the date.
        |modified, date| modified <= date,
    );

    // Rules 20 to 22.
    let if_none_match = match fields.if_none_match {
        TagField::Absent => Truth::NotPresent,
        TagField::Any => truth(current.is_none()),
        TagField::List(tags) => {
            truth(!current_tag.is_some_and(|current| tags.iter().any(|tag| weak_match(tag, current))))
        }
        // A cache that sent nonsense gets the whole answer; a write that sent nonsense is not performed.
        TagField::Malformed => truth(reads),
    };

    // Rules 25 to 30.
    let mut reasons = 0;
    if !reads {
        reasons |= METHOD;
    }
    if present[IF_NONE_MATCH] {
        reasons |= BESIDE_IF_NONE_MATCH;
    }
    let if_modified_since = date_condition(
        fields.if_modified_since,
        current,
        reasons,
        // False if and only if Last-Modified is at or before the date.
        |modified, date| modified > date,
    );

    // Rules 11, 37 and 39 to 43.
    let mut reasons = 0;
    if !has_ranges {
        reasons |= METHOD;
    }
    if !fields.range {
        reasons |= NO_RANGE;
    }
    let if_range = match fields.if_range {
        RangeField::Absent => Truth::NotPresent,
        _ if reasons != 0 => Truth::Ignored(reasons),
        RangeField::Tag(tag) => truth(current_tag.is_some_and(|current| strong_match(tag, current))),
        RangeField::At(date) => truth(current_date == Some((*date, true))),
        RangeField::Unusable => Truth::False,
    };

    // §13.2.2: the first false condition decides, and those behind it are not reached.
    let mut truths = [if_match, if_unmodified_since, if_none_match, if_modified_since, if_range];
    let mut action = Action::Perform;
    let mut decided = false;
    for (place, truth) in truths.iter_mut().enumerate() {
        if decided {
            *truth = match *truth {
                Truth::NotPresent => Truth::NotPresent,
                // It was not reached, so no other reason to ignore it was looked for.
                Truth::True | Truth::False | Truth::Ignored(_) => Truth::Ignored(ALREADY_DECIDED),
            };
        } else if *truth == Truth::False && place != IF_RANGE {
            decided = true;
            action = match place {
                IF_NONE_MATCH | IF_MODIFIED_SINCE if reads => Action::Answer304,
                _ => Action::Answer412(place),
            };
        }
    }
    let range_may_stand = action == Action::Perform && has_ranges && truths[IF_RANGE] != Truth::False;
    Verdict { action, range_may_stand, truths }
}

fn truth(holds: bool) -> Truth {
    if holds { Truth::True } else { Truth::False }
}

/// One of the two date conditions, ignored if any reason holds, whichever it is.
fn date_condition(
    field: &DateField,
    current: Option<&Current>,
    mut reasons: u16,
    holds: fn(i64, i64) -> bool,
) -> Truth {
    let modified = current.and_then(|current| current.modified);
    if current.is_none() {
        reasons |= NO_REPRESENTATION;
    }
    if modified.is_none() {
        reasons |= NO_MODIFICATION_DATE;
    }
    match field {
        DateField::Absent => return Truth::NotPresent,
        DateField::SeveralLines => reasons |= SEVERAL_LINES,
        DateField::Invalid => reasons |= INVALID_DATE,
        DateField::At(_) => {}
    }
    match (field, modified) {
        (DateField::At(date), Some((modified, _))) if reasons == 0 => truth(holds(modified, *date)),
        _ => Truth::Ignored(reasons),
    }
}

/// A moment of the proleptic Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Civil {
    pub(crate) year: i64,
    /// 1 to 12.
    pub(crate) month: usize,
    /// 1 to 31.
    pub(crate) day: i64,
    pub(crate) hour: i64,
    pub(crate) minute: i64,
    pub(crate) second: i64,
    /// 0 is Sunday.
    pub(crate) weekday: usize,
}

pub(crate) const DAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
pub(crate) const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_of_year(year: i64) -> i64 {
    if is_leap(year) { 366 } else { 365 }
}

fn days_of_month(year: i64, month: usize) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The seconds since 1970 of a moment, counted one year and one month at a time.
pub(crate) fn seconds_of(year: i64, month: usize, day: i64, hour: i64, minute: i64, second: i64) -> i64 {
    let mut days = 0;
    for earlier in 1970..year {
        days += days_of_year(earlier);
    }
    for later in year..1970 {
        days -= days_of_year(later);
    }
    for earlier in 1..month {
        days += days_of_month(year, earlier);
    }
    days += day - 1;
    ((days * 24 + hour) * 60 + minute) * 60 + second
}

/// The moment of these seconds since 1970, by the same counting.
pub(crate) fn civil(seconds: i64) -> Civil {
    let mut days = seconds.div_euclid(86_400);
    let second_of_day = seconds.rem_euclid(86_400);
    // The first of January 1970 was a Thursday.
    let weekday = usize::try_from((days + 4).rem_euclid(7)).expect("a remainder of seven");
    let mut year = 1970;
    while days < 0 {
        year -= 1;
        days += days_of_year(year);
    }
    while days >= days_of_year(year) {
        days -= days_of_year(year);
        year += 1;
    }
    let mut month = 1;
    while days >= days_of_month(year, month) {
        days -= days_of_month(year, month);
        month += 1;
    }
    Civil {
        year,
        month,
        day: days + 1,
        hour: second_of_day / 3600,
        minute: second_of_day / 60 % 60,
        second: second_of_day % 60,
        weekday,
    }
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`
pub(crate) fn imf_fixdate(seconds: i64) -> String {
    let Civil { year, month, day, hour, minute, second, weekday } = civil(seconds);
    let (weekday, month) = (&DAYS[weekday][..3], MONTHS[month - 1]);
    format!("{weekday}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} GMT")
}

/// `Sunday, 06-Nov-94 08:49:37 GMT`
pub(crate) fn rfc850(seconds: i64) -> String {
    let Civil { year, month, day, hour, minute, second, weekday } = civil(seconds);
    let (weekday, month, year) = (DAYS[weekday], MONTHS[month - 1], year.rem_euclid(100));
    format!("{weekday}, {day:02}-{month}-{year:02} {hour:02}:{minute:02}:{second:02} GMT")
}

/// `Sun Nov  6 08:49:37 1994`
pub(crate) fn asctime(seconds: i64) -> String {
    let Civil { year, month, day, hour, minute, second, weekday } = civil(seconds);
    let (weekday, month) = (&DAYS[weekday][..3], MONTHS[month - 1]);
    format!("{weekday} {month} {day:>2} {hour:02}:{minute:02}:{second:02} {year:04}")
}
