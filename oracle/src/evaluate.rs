use crate::{DateField, Fields, Held, Modes, RangeField, Tag, TagField};

/// The validators of a representation that exists.
#[derive(Clone, Debug)]
pub struct Current {
    /// ETag.
    pub tag: Option<Tag>,
    /// Last-Modified in seconds since 1970, and whether it is a strong validator.
    pub modified: Option<(i64, bool)>,
}

/// How the server answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The server performs the request.
    Perform,
    /// 304 Not Modified.
    Answer304,
    /// 412 Precondition Failed, because of the field at this place of [`Verdict::truths`].
    Answer412(usize),
}

/// The result of one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truth {
    /// The request does not carry the field.
    NotPresent,
    /// The condition is true.
    True,
    /// The condition is false.
    False,
    /// The server ignores the field, for each of these reasons. The RFC does not rank them.
    Ignored(Reasons),
}

/// A set of reasons to ignore a field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reasons(u16);

impl Reasons {
    /// The method has no use for the field.
    pub const METHOD: Self = Self(1);
    /// The representation does not exist.
    pub const NO_REPRESENTATION: Self = Self(1 << 1);
    /// If-Match replaces If-Unmodified-Since.
    pub const BESIDE_IF_MATCH: Self = Self(1 << 2);
    /// If-None-Match replaces If-Modified-Since.
    pub const BESIDE_IF_NONE_MATCH: Self = Self(1 << 3);
    /// The value is not an HTTP-date.
    pub const INVALID_DATE: Self = Self(1 << 4);
    /// The field has several lines.
    pub const SEVERAL_LINES: Self = Self(1 << 5);
    /// The representation has no modification date.
    pub const NO_MODIFICATION_DATE: Self = Self(1 << 6);
    /// The request has If-Range without Range.
    pub const NO_RANGE: Self = Self(1 << 7);
    /// An earlier condition is false.
    pub const ALREADY_DECIDED: Self = Self(1 << 8);

    /// Whether the set has any of the other set's reasons.
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    fn add_if(&mut self, holds: bool, reason: Self) {
        if holds {
            self.0 |= reason.0;
        }
    }

    fn is_empty(self) -> bool {
        self.0 == 0
    }
}

const IF_MATCH: usize = 0;
const IF_NONE_MATCH: usize = 2;
const IF_MODIFIED_SINCE: usize = 3;
const IF_RANGE: usize = 4;

/// The whole answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// How the server answers.
    pub action: Action,
    /// True if the server may act on Range.
    pub range_may_stand: bool,
    /// If-Match, If-Unmodified-Since, If-None-Match, If-Modified-Since, If-Range: the order of §13.2.2.
    pub truths: [Truth; 5],
}

/// Evaluates the table of §13.2.2; `current` is `None` if the representation does not exist.
pub fn evaluate(method: &str, fields: Fields<'_>, current: Option<&Current>) -> Verdict {
    evaluate_by(&Modes::default(), method, fields, current, &[]).0
}

/// Evaluates with modes, and with other tags of the same state. Returns whether If-Match is true only by a mode.
pub fn evaluate_by(
    modes: &Modes,
    method: &str,
    fields: Fields<'_>,
    current: Option<&Current>,
    other_tags: &[Tag],
) -> (Verdict, bool) {
    let not_evaluated = |verdict| (verdict, false);
    let present = fields.present();
    let all_ignored = |reason| present.map(|is| if is { Truth::Ignored(reason) } else { Truth::NotPresent });

    // Rule 4.
    if method == "CONNECT" || method == "OPTIONS" || method == "TRACE" {
        let truths = all_ignored(Reasons::METHOD);
        return not_evaluated(Verdict { action: Action::Perform, range_may_stand: false, truths });
    }
    // Rules 5 and 6.
    let reads = method == "GET" || method == "HEAD" || method == "QUERY";
    let has_ranges = method == "GET" || method == "QUERY";
    // Rule 2: without its conditions the request gets 404.
    if reads && current.is_none() {
        let range_may_stand = has_ranges && !present[IF_RANGE];
        let truths = all_ignored(Reasons::NO_REPRESENTATION);
        return not_evaluated(Verdict { action: Action::Perform, range_may_stand, truths });
    }

    let selected = current.and_then(|current| current.tag.as_ref());
    let others = if reads || current.is_none() { &[] } else { other_tags };
    let named: Vec<&Tag> = selected.into_iter().chain(others).collect();
    let held = held(modes, fields, &named);
    let mut truths = [
        if_match(fields, current, held),
        if_unmodified_since(fields, current),
        if_none_match(modes, fields, current, reads),
        if_modified_since(fields, current, reads),
        if_range(modes, fields, current, has_ranges),
    ];

    // The first false condition decides, and the server does not reach those after it.
    let mut action = Action::Perform;
    let mut decided = false;
    for (place, truth) in truths.iter_mut().enumerate() {
        if decided {
            *truth = match *truth {
                Truth::NotPresent => Truth::NotPresent,
                Truth::True | Truth::False | Truth::Ignored(_) => Truth::Ignored(Reasons::ALREADY_DECIDED),
            };
        } else if *truth == Truth::False && place != IF_RANGE {
            decided = true;
            action = match place {
                IF_NONE_MATCH | IF_MODIFIED_SINCE if reads => Action::Answer304,
                _ => Action::Answer412(place),
            };
        }
    }
    let by_a_mode = held == Some(Held::ByMode);
    let range_may_stand =
        action == Action::Perform && has_ranges && truths[IF_RANGE] != Truth::False && !by_a_mode;
    (Verdict { action, range_may_stand, truths }, by_a_mode)
}

/// The best that a tag of If-Match says about one of the current tags.
fn held(modes: &Modes, fields: Fields<'_>, named: &[&Tag]) -> Option<Held> {
    let TagField::List(tags) = fields.if_match else { return None };
    let all = tags.iter().flat_map(|given| named.iter().map(|current| modes.held(given, current)));
    all.flatten().min()
}

/// Rules 13 to 15, and decision 21.
fn if_match(fields: Fields<'_>, current: Option<&Current>, held: Option<Held>) -> Truth {
    match fields.if_match {
        TagField::Absent => Truth::NotPresent,
        TagField::Any => truth(current.is_some()),
        TagField::List(_) => truth(held.is_some()),
        TagField::Malformed => Truth::False,
    }
}

/// Rules 31 to 35.
fn if_unmodified_since(fields: Fields<'_>, current: Option<&Current>) -> Truth {
    let mut reasons = Reasons::default();
    reasons.add_if(fields.present()[IF_MATCH], Reasons::BESIDE_IF_MATCH);
    // True if and only if Last-Modified is at or before the date.
    date_condition(fields.if_unmodified_since, current, reasons, |modified, date| modified <= date)
}

/// Rules 20 to 22.
fn if_none_match(modes: &Modes, fields: Fields<'_>, current: Option<&Current>, reads: bool) -> Truth {
    match fields.if_none_match {
        TagField::Absent => Truth::NotPresent,
        TagField::Any => truth(current.is_none()),
        TagField::List(tags) => truth(!has_match(tags, current, |given, tag| modes.weakly(given, tag))),
        // A read gets the whole answer, which is always correct. A write must not pass.
        TagField::Malformed => truth(reads),
    }
}

/// Rules 25 to 30.
fn if_modified_since(fields: Fields<'_>, current: Option<&Current>, reads: bool) -> Truth {
    let mut reasons = Reasons::default();
    reasons.add_if(!reads, Reasons::METHOD);
    reasons.add_if(fields.present()[IF_NONE_MATCH], Reasons::BESIDE_IF_NONE_MATCH);
    // False if and only if Last-Modified is at or before the date.
    date_condition(fields.if_modified_since, current, reasons, |modified, date| modified > date)
}

/// Rules 11, 37 and 39 to 43.
fn if_range(modes: &Modes, fields: Fields<'_>, current: Option<&Current>, has_ranges: bool) -> Truth {
    let mut reasons = Reasons::default();
    reasons.add_if(!has_ranges, Reasons::METHOD);
    reasons.add_if(!fields.range, Reasons::NO_RANGE);
    match fields.if_range {
        RangeField::Absent => Truth::NotPresent,
        _ if !reasons.is_empty() => Truth::Ignored(reasons),
        RangeField::Tag(tag) => {
            let strictly = |given: &Tag, tag: &Tag| modes.held(given, tag) == Some(Held::Strictly);
            truth(has_match(std::slice::from_ref(tag), current, strictly))
        }
        RangeField::At(date) => truth(current.is_some_and(|current| current.modified == Some((*date, true)))),
        RangeField::Unusable => Truth::False,
    }
}

fn truth(holds: bool) -> Truth {
    if holds { Truth::True } else { Truth::False }
}

/// Returns whether one of the tags matches the representation's tag.
fn has_match(tags: &[Tag], current: Option<&Current>, matches: impl Fn(&Tag, &Tag) -> bool) -> bool {
    match current.and_then(|current| current.tag.as_ref()) {
        Some(current) => tags.iter().any(|tag| matches(tag, current)),
        None => false,
    }
}

/// One of the two date conditions. It is ignored if there is any reason to.
fn date_condition(
    field: &DateField,
    current: Option<&Current>,
    mut reasons: Reasons,
    holds: fn(i64, i64) -> bool,
) -> Truth {
    let modified = current.and_then(|current| current.modified);
    reasons.add_if(current.is_none(), Reasons::NO_REPRESENTATION);
    reasons.add_if(modified.is_none(), Reasons::NO_MODIFICATION_DATE);
    match field {
        DateField::Absent => return Truth::NotPresent,
        DateField::SeveralLines => reasons.add_if(true, Reasons::SEVERAL_LINES),
        DateField::Invalid => reasons.add_if(true, Reasons::INVALID_DATE),
        DateField::At(_) => {}
    }
    match (field, modified) {
        (DateField::At(date), Some((modified, _))) if reasons.is_empty() => truth(holds(modified, *date)),
        _ => Truth::Ignored(reasons),
    }
}
