//! One request and everything around it, made from arbitrary bytes.

use http::{
    HeaderMap, HeaderValue, Method, StatusCode,
    header::{self, HeaderName},
};
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use tower_precondition::{EntityTag, HttpDate, RequiredCondition, Requirement, Validators};

/// A request, what the source finds, the layer's settings and the handler's answer.
#[derive(Arbitrary, Debug)]
pub(crate) struct Scenario {
    method: AnyMethod,
    fields: Vec<(Field, Value)>,
    pub(crate) source: Source,
    requirement: Option<AnyRequirement>,
    pub(crate) emits: bool,
    pub(crate) exposes: bool,
    pub(crate) handler: Handler,
}

#[derive(Arbitrary, Debug)]
enum AnyMethod {
    Get,
    Head,
    Query,
    Put,
    Patch,
    Delete,
    Post,
    Options,
    Trace,
    Connect,
    Other(String),
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Field {
    IfMatch,
    IfNoneMatch,
    IfModifiedSince,
    IfUnmodifiedSince,
    IfRange,
    Range,
    Upgrade,
    Accept,
    Expect,
    ContentLength,
}

/// The value of a field. Most are a few fixed values, so that they often match.
#[derive(Arbitrary, Debug)]
enum Value {
    Any,
    Tags(Vec<AnyTag>),
    Date(AnyDate),
    Protocol(bool),
    Octets(Vec<u8>),
}

#[derive(Arbitrary, Clone, Copy, Debug)]
struct AnyTag {
    weak: bool,
    opaque: Opaque,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Opaque {
    A,
    B,
    Comma,
    Empty,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum AnyDate {
    Before1970,
    Early,
    Later,
    Year9999,
}

/// The source's result.
#[derive(Arbitrary, Debug)]
pub(crate) enum Source {
    Absent,
    Current(AnyValidators),
    Deferred,
    Failed,
    Refused,
}

#[derive(Arbitrary, Debug)]
pub(crate) struct AnyValidators {
    tag: Option<AnyTag>,
    date: Option<AnyDate>,
    date_is_strong: bool,
    vary: bool,
}

#[derive(Arbitrary, Debug)]
struct AnyRequirement {
    methods: Option<Vec<AnyMethod>>,
    also: Option<Form>,
    except: Option<Form>,
    existing_only: bool,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
#[expect(clippy::enum_variant_names, reason = "the names of the fields begin so")]
enum Form {
    IfMatchTags,
    IfMatchAny,
    IfNoneMatchTags,
    IfNoneMatchAny,
    IfUnmodifiedSince,
}

/// The handler's answer.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub(crate) struct Handler {
    status: HandlerStatus,
    pub(crate) sets_etag: bool,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum HandlerStatus {
    Ok,
    PartialContent,
    NotFound,
    PreconditionFailed,
}

impl Scenario {
    pub(crate) fn method(&self) -> Method {
        self.method.to_method()
    }

    /// The request's headers, without the values that no header can hold.
    pub(crate) fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (field, value) in &self.fields {
            if let Ok(value) = HeaderValue::from_bytes(&value.to_octets()) {
                headers.append(field.name(), value);
            }
        }
        headers
    }

    pub(crate) fn requirement(&self) -> Requirement {
        self.requirement.as_ref().map_or_else(Requirement::none, AnyRequirement::to_requirement)
    }
}

impl AnyMethod {
    fn to_method(&self) -> Method {
        match self {
            Self::Get => Method::GET,
            Self::Head => Method::HEAD,
            Self::Query => Method::from_bytes(b"QUERY").expect("a token"),
            Self::Put => Method::PUT,
            Self::Patch => Method::PATCH,
            Self::Delete => Method::DELETE,
            Self::Post => Method::POST,
            Self::Options => Method::OPTIONS,
            Self::Trace => Method::TRACE,
            Self::Connect => Method::CONNECT,
            Self::Other(name) => Method::from_bytes(name.as_bytes()).unwrap_or(Method::POST),
        }
    }
}

impl Field {
    fn name(self) -> HeaderName {
        match self {
            Self::IfMatch => header::IF_MATCH,
            Self::IfNoneMatch => header::IF_NONE_MATCH,
            Self::IfModifiedSince => header::IF_MODIFIED_SINCE,
            Self::IfUnmodifiedSince => header::IF_UNMODIFIED_SINCE,
            Self::IfRange => header::IF_RANGE,
            Self::Range => header::RANGE,
            Self::Upgrade => header::UPGRADE,
            Self::Accept => header::ACCEPT,
            Self::Expect => header::EXPECT,
            Self::ContentLength => header::CONTENT_LENGTH,
        }
    }
}

impl Value {
    fn to_octets(&self) -> Vec<u8> {
        match self {
            Self::Any => b"*".to_vec(),
            Self::Tags(tags) => tags.iter().map(|tag| tag.text()).collect::<Vec<_>>().join(", ").into_bytes(),
            Self::Date(date) => date.to_date().to_string().into_bytes(),
            Self::Protocol(true) => b"websocket".to_vec(),
            Self::Protocol(false) => b"h2c".to_vec(),
            Self::Octets(octets) => octets.clone(),
        }
    }
}

impl AnyTag {
    fn text(self) -> &'static str {
        match (self.weak, self.opaque) {
            (false, Opaque::A) => "\"a\"",
            (false, Opaque::B) => "\"b\"",
            (false, Opaque::Comma) => "\",\"",
            (false, Opaque::Empty) => "\"\"",
            (true, Opaque::A) => "W/\"a\"",
            (true, Opaque::B) => "W/\"b\"",
            (true, Opaque::Comma) => "W/\",\"",
            (true, Opaque::Empty) => "W/\"\"",
        }
    }
}

impl AnyDate {
    fn to_date(self) -> HttpDate {
        let seconds = match self {
            Self::Before1970 => -1,
            Self::Early => 1_000_000_000,
            Self::Later => 1_000_000_001,
            Self::Year9999 => HttpDate::MAX.unix_seconds(),
        };
        HttpDate::from_unix_seconds(seconds).expect("all four lie within the range")
    }
}

impl Source {
    /// The validators of the representation, if it exists.
    pub(crate) fn validators(&self) -> Option<Validators> {
        match self {
            Self::Current(validators) => Some(validators.to_validators()),
            _ => None,
        }
    }
}

impl AnyValidators {
    pub(crate) fn to_validators(&self) -> Validators {
        let mut validators = Validators::new();
        if let Some(tag) = self.tag {
            validators = validators.with_etag(EntityTag::from_static(tag.text()));
        }
        validators = match (self.date, self.date_is_strong) {
            (None, _) => validators,
            (Some(date), false) => validators.with_last_modified(date.to_date()),
            (Some(date), true) => validators.with_strong_last_modified(date.to_date()),
        };
        if self.vary {
            validators = validators.with_vary(HeaderValue::from_static("accept-language"));
        }
        validators
    }
}

impl AnyRequirement {
    fn to_requirement(&self) -> Requirement {
        let mut requirement = Requirement::on_writes();
        if let Some(methods) = &self.methods {
            requirement = requirement.for_methods(methods.iter().map(AnyMethod::to_method));
        }
        if let Some(form) = self.also {
            requirement = requirement.also(form.to_required());
        }
        if let Some(form) = self.except {
            requirement = requirement.except(form.to_required());
        }
        if self.existing_only { requirement.existing_only() } else { requirement }
    }
}

impl Form {
    fn to_required(self) -> RequiredCondition {
        match self {
            Self::IfMatchTags => RequiredCondition::IfMatchTags,
            Self::IfMatchAny => RequiredCondition::IfMatchAny,
            Self::IfNoneMatchTags => RequiredCondition::IfNoneMatchTags,
            Self::IfNoneMatchAny => RequiredCondition::IfNoneMatchAny,
            Self::IfUnmodifiedSince => RequiredCondition::IfUnmodifiedSince,
        }
    }
}

impl Handler {
    pub(crate) fn status(self) -> StatusCode {
        match self.status {
            HandlerStatus::Ok => StatusCode::OK,
            HandlerStatus::PartialContent => StatusCode::PARTIAL_CONTENT,
            HandlerStatus::NotFound => StatusCode::NOT_FOUND,
            HandlerStatus::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
        }
    }
}
