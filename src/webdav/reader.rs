use super::{
    condition::IfCondition,
    malformed::{Expected, MalformedIf},
    uri::{absolute_uri_end, simple_ref_end},
};

/// Reads a line of the field from left to right, by the grammar of RFC 4918 §10.4.2.
///
/// It is the only reading of the grammar: the check and the iterators all use it. It looks at each byte once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    place: Place,
    /// Whether the lists are tagged. Tagged and untagged lists do not mix.
    tagged: bool,
}

/// Where in the grammar the reader stands.
#[derive(Clone, Copy, Debug)]
enum Place {
    Start,
    BehindTag,
    BehindList,
    /// Behind `(`.
    AtListStart,
    /// Behind a condition.
    InList,
}

/// One step of the reader.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step<'a> {
    /// A resource tag, without its brackets.
    Resource(&'a str),
    ListStart,
    Condition(IfCondition<'a>),
    ListEnd,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0, place: Place::Start, tagged: false }
    }

    /// Takes the next step, or returns `None` at the end of the line.
    pub(super) fn step(&mut self) -> Result<Option<Step<'a>>, MalformedIf> {
        self.skip_space();
        let next = self.text.get(self.at);
        match (self.place, next) {
            (Place::BehindList, None) => Ok(None),
            (Place::AtListStart | Place::InList, _) => self.step_in_list().map(Some),
            (_, Some(b'(')) => {
                self.at += 1;
                self.place = Place::AtListStart;
                Ok(Some(Step::ListStart))
            }
            (Place::Start, Some(b'<')) => self.resource().map(Some),
            (Place::BehindList, Some(b'<')) if self.tagged => self.resource().map(Some),
            (Place::Start, _) => Err(self.expected(Expected::ListOrTag)),
            (Place::BehindTag, _) => Err(self.expected(Expected::List)),
            (Place::BehindList, _) if self.tagged => Err(self.expected(Expected::ListTagOrEnd)),
            (Place::BehindList, _) => Err(self.expected(Expected::ListOrEnd)),
        }
    }

    fn resource(&mut self) -> Result<Step<'a>, MalformedIf> {
        self.tagged = true;
        self.place = Place::BehindTag;
        let start = self.at + 1;
        let end = simple_ref_end(self.text, start)?;
        self.at = end + 1;
        Ok(Step::Resource(self.uri(start, end)))
    }

    fn step_in_list(&mut self) -> Result<Step<'a>, MalformedIf> {
        let start = self.at;
        match (self.place, self.text.get(start)) {
            (Place::InList, Some(b')')) => {
                self.at += 1;
                self.place = Place::BehindList;
                return Ok(Step::ListEnd);
            }
            (_, Some(b'<' | b'[' | b'N' | b'n')) => {}
            (Place::InList, _) => return Err(self.expected(Expected::ConditionOrEnd)),
            _ => return Err(self.expected(Expected::Condition)),
        }
        // A literal of RFC 2616's grammar has no case.
        let rest = self.text.get(start..).unwrap_or_default();
        let negated = rest.first_chunk::<3>().is_some_and(|word| word.eq_ignore_ascii_case(b"Not"));
        if negated {
            self.at += 3;
            self.skip_space();
        }
        let (token, tag) = match self.text.get(self.at) {
            Some(b'<') => {
                let uri = self.at + 1;
                let end = absolute_uri_end(self.text, uri)?;
                self.at = end + 1;
                (Some(self.uri(uri, end)), None)
            }
            Some(b'[') => (None, Some(self.entity_tag()?)),
            _ if negated => return Err(self.expected(Expected::StateOrTag)),
            _ => return Err(self.expected(Expected::Condition)),
        };
        self.place = Place::InList;
        let text = self.text.get(start..self.at).unwrap_or_default();
        Ok(Step::Condition(IfCondition { negated, token, tag, text, offset: start }))
    }

    /// Reads `[`, an entity tag and `]`. No white space stands between them.
    ///
    /// The tag is a quoted string of RFC 2616 §3.11, so spaces may stand in it. Such a tag is no entity tag of
    /// RFC 9110, and matches nothing.
    fn entity_tag(&mut self) -> Result<&'a [u8], MalformedIf> {
        let start = self.at + 1;
        let rest = self.text.get(start..).unwrap_or_default();
        let quote = match rest {
            [b'"', ..] => start,
            [b'W', b'/', b'"', ..] => start + 2,
            [b'W', b'/', ..] => return Err(MalformedIf::new(self.text, start + 2, Expected::EntityTag)),
            _ => return Err(MalformedIf::new(self.text, start, Expected::EntityTag)),
        };
        let inner = self.text.get(quote + 1..).unwrap_or_default();
        // A control character is nowhere in a field value but for the tab.
        let length = inner.iter().take_while(|octet| **octet != b'"').count();
        let end = quote + 1 + length + 1;
        match self.text.get(end - 1..) {
            Some([b'"', b']', ..]) => {
                self.at = end + 1;
                Ok(self.text.get(start..end).unwrap_or_default())
            }
            Some([b'"', ..]) => Err(MalformedIf::new(self.text, end, Expected::ClosingBracket)),
            _ => Err(MalformedIf::new(self.text, self.text.len(), Expected::ClosingQuote)),
        }
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\t') = self.text.get(self.at) {
            self.at += 1;
        }
    }

    fn uri(&self, start: usize, end: usize) -> &'a str {
        // Only ASCII passes the reading of URIs.
        self.text.get(start..end).and_then(|uri| std::str::from_utf8(uri).ok()).unwrap_or_default()
    }

    fn expected(&self, expected: Expected) -> MalformedIf {
        MalformedIf::new(self.text, self.at, expected)
    }
}
