//! One document in several versions, and what its source and its handler know of it.

use http::{HeaderMap, HeaderName, HeaderValue, header};
use precondition_oracle::imf_fixdate;

/// The way in which the layer learns the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Source,
    FromResponse,
    Probing,
    ContentTag,
    Coding,
}

/// What currently exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Absent,
    Version(u8),
}

/// The entity tags of the versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tags {
    Strong,
    Weak,
    /// All versions share it.
    SharedWeak,
    /// With a comma, and with an end like that of a coded tag.
    Odd,
    /// All versions share it although it is strong, as if it were made from the fixed times of files.
    Fixed,
    /// Without quotes, which is no entity tag.
    Malformed,
}

/// The modification dates of the versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dates {
    Apart,
    /// Two changes within one second.
    Shared,
    /// An hour from now.
    Future,
}

/// The fields that the source or the handler knows.
#[derive(Clone, Debug, Default)]
pub(super) struct Said {
    pub(super) tag: Option<Tags>,
    pub(super) date: Option<Dates>,
    /// Its tag and its date are those of another version.
    pub(super) is_stale: bool,
    pub(super) cache_control: Option<&'static str>,
    pub(super) vary: Option<&'static str>,
    pub(super) expires: Option<&'static str>,
    pub(super) content_location: Option<&'static str>,
}

/// All that holds for one case.
#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) way: Way,
    /// The way inside the coding layer.
    pub(super) inner: Way,
    pub(super) source: Said,
    pub(super) handler: Said,
    /// The status of a read.
    pub(super) status: u16,
    pub(super) write_status: u16,
    /// A check before everything else, which gives every request this status.
    pub(super) check: Option<u16>,
    pub(super) serves_ranges: bool,
    /// A 416 carries the validators too.
    pub(super) tags_416: bool,
    /// The handler describes its content by fields such as Content-Digest.
    pub(super) describes_content: bool,
    /// The limit of EntityTagLayer, in bytes.
    pub(super) limit: usize,
    /// EntityTagLayer replaces the handler's validators.
    pub(super) replaces: bool,
    pub(super) requires: bool,
    pub(super) forwards_unevaluated: bool,
    pub(super) probes_writes: bool,
    /// Seconds since 1970.
    pub(super) now: i64,
}

/// The modification date of version 0: 6 November 1994.
const FIRST: i64 = 784_111_777;

impl State {
    /// The content of a version, long enough to be worth compressing, and with no two lines alike.
    pub(super) fn content(self) -> String {
        match self {
            Self::Absent => String::from("there is no such document"),
            Self::Version(version) => {
                (0..12).map(|line| format!("version {version}, line {line} of the text\n")).collect()
            }
        }
    }
}

impl Said {
    fn version(&self, state: State) -> Option<u8> {
        match state {
            State::Absent => None,
            State::Version(version) => Some(if self.is_stale { version + 100 } else { version }),
        }
    }

    pub(super) fn tag(&self, state: State) -> Option<String> {
        let version = self.version(state)?;
        Some(match self.tag? {
            Tags::Strong => format!("\"v{version}\""),
            Tags::Weak => format!("W/\"v{version}\""),
            Tags::SharedWeak => String::from("W/\"v\""),
            Tags::Fixed => String::from("\"1970\""),
            Tags::Odd => format!("\"v,{version}~rc1\""),
            Tags::Malformed => format!("v{version}"),
        })
    }

    pub(super) fn date(&self, state: State, now: i64) -> Option<i64> {
        let version = self.version(state)?;
        Some(match self.date? {
            Dates::Apart => FIRST + 60 * i64::from(version),
            Dates::Shared => FIRST,
            Dates::Future => now + 3600,
        })
    }

    /// The fields of this state, one line each.
    pub(super) fn fields(&self, state: State, now: i64) -> HeaderMap {
        let mut fields = HeaderMap::new();
        if state == State::Absent {
            return fields;
        }
        let mut put = |name: HeaderName, value: Option<String>| {
            if let Some(value) = value {
                fields.insert(name, HeaderValue::from_str(&value).expect("visible ASCII"));
            }
        };
        put(header::ETAG, self.tag(state));
        put(header::LAST_MODIFIED, self.date(state, now).map(imf_fixdate));
        put(header::CACHE_CONTROL, self.cache_control.map(str::to_owned));
        put(header::VARY, self.vary.map(str::to_owned));
        put(header::EXPIRES, self.expires.map(str::to_owned));
        put(header::CONTENT_LOCATION, self.content_location.map(str::to_owned));
        fields
    }
}

impl World {
    /// The way that evaluates, with a coding layer around it or without.
    pub(super) fn evaluating(&self) -> Way {
        if self.way == Way::Coding { self.inner } else { self.way }
    }

    /// The handler's fields as the layer that evaluates sees them.
    pub(super) fn shown(&self, mut fields: HeaderMap) -> HeaderMap {
        if self.replaces {
            fields.remove(header::ETAG);
            fields.remove(header::LAST_MODIFIED);
        }
        fields
    }

    /// Whether the handler writes a validator other than the source's.
    pub(super) fn handler_differs(&self, state: State) -> bool {
        let tags = [self.source.tag(state), self.handler.tag(state)];
        let dates = [self.source.date(state, self.now), self.handler.date(state, self.now)];
        let differ = |both: bool, same: bool| both && !same;
        differ(tags.iter().all(Option::is_some), tags[0] == tags[1])
            || differ(dates.iter().all(Option::is_some), dates[0] == dates[1])
    }
}
