//! `X-State`: the state of the resource.

use std::{
    collections::HashMap,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde::Deserialize;
use tower_precondition::{EntityTag, HttpDate, Representation, Validators};

use crate::field::{Name, OctetValue, Unreadable, read};

pub(crate) const FIELD: &str = "X-State";

/// The resource of one request.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) exists: bool,
    pub(crate) body_len: u64,
    pub(crate) handler_status: Option<StatusCode>,
    etag: Option<EntityTag>,
    last_modified: Option<HttpDate>,
    fields: HeaderMap,
}

/// The members of the JSON object.
#[derive(Deserialize)]
struct Members {
    exists: bool,
    etag: Option<OctetValue>,
    /// Only its presence counts; `last_modified_secs` has the date.
    last_modified: Option<String>,
    last_modified_secs: Option<i64>,
    last_modified_nanos: Option<u32>,
    body_len: Option<u64>,
    handler_status: Option<u16>,
    fields: Option<HashMap<Name, OctetValue>>,
}

impl State {
    /// Reads the field. Without it the resource is absent.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Self, Unreadable> {
        match read::<Members>(headers, FIELD) {
            None => Ok(Self::default()),
            Some(members) => Self::try_from(members?),
        }
    }

    /// Returns the source's result.
    pub(crate) fn representation(&self) -> Representation {
        // Any other status is from a check that comes before preconditions (RFC 9110 §13.2.1).
        let is_evaluated =
            |status: StatusCode| status.is_success() || status == StatusCode::PRECONDITION_FAILED;
        if !self.handler_status.is_none_or(is_evaluated) {
            return Representation::defer_to_handler();
        }
        match self.exists {
            true => Representation::current(self.validators()),
            false => Representation::absent(),
        }
    }

    fn validators(&self) -> Validators {
        let mut validators = Validators::new();
        if let Some(etag) = &self.etag {
            validators = validators.with_etag(etag.clone());
        }
        if let Some(date) = self.last_modified {
            validators = validators.with_last_modified(date);
        }
        if let Some(value) = self.fields.get(header::CACHE_CONTROL) {
            validators = validators.with_cache_control(value.clone());
        }
        if let Some(value) = self.fields.get(header::CONTENT_LOCATION) {
            validators = validators.with_content_location(value.clone());
        }
        if let Some(value) = self.fields.get(header::EXPIRES) {
            validators = validators.with_expires(value.clone());
        }
        if let Some(value) = self.fields.get(header::VARY) {
            validators = validators.with_vary(value.clone());
        }
        validators
    }

    /// Returns the other fields of the representation's 200.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&HeaderName, &HeaderValue)> {
        // The server sets the length and the framing of a message.
        self.fields
            .iter()
            .filter(|(name, _)| !matches!(**name, header::CONTENT_LENGTH | header::TRANSFER_ENCODING))
    }
}

impl TryFrom<Members> for State {
    type Error = Unreadable;

    fn try_from(members: Members) -> Result<Self, Unreadable> {
        let etag = members.etag.map(|OctetValue(tag)| EntityTag::try_from(tag));
        let fields = members.fields.unwrap_or_default().into_iter();
        Ok(Self {
            exists: members.exists,
            body_len: members.body_len.unwrap_or_default(),
            handler_status: members.handler_status.map(final_status).transpose()?,
            etag: etag.transpose().map_err(Unreadable::new)?,
            last_modified: match (members.last_modified, members.last_modified_secs) {
                (None, _) => None,
                (Some(_), Some(secs)) => Some(date(secs, members.last_modified_nanos.unwrap_or_default())?),
                (Some(_), None) => return Err(Unreadable::new("last_modified without last_modified_secs")),
            },
            fields: fields.map(|(Name(name), OctetValue(value))| (name, value)).collect(),
        })
    }
}

/// Accepts a final status only, because an HTTP server sends no informational status of a handler.
fn final_status(status: u16) -> Result<StatusCode, Unreadable> {
    let status = StatusCode::from_u16(status).ok().filter(|status| !status.is_informational());
    status.ok_or_else(|| Unreadable::new("handler_status is not a final status"))
}

/// Converts an instant with fractions of a second, as a store has it, to a date.
fn date(secs: i64, nanos: u32) -> Result<HttpDate, Unreadable> {
    let nanos = Duration::from_nanos(nanos.into());
    let whole = Duration::from_secs(secs.unsigned_abs());
    let second = match secs {
        0.. => UNIX_EPOCH.checked_add(whole),
        _ => UNIX_EPOCH.checked_sub(whole),
    };
    let instant: Option<SystemTime> = second.and_then(|second| second.checked_add(nanos));
    let date = instant.and_then(|instant| HttpDate::try_from(instant).ok());
    date.ok_or_else(|| Unreadable::new("last_modified_secs lies beyond what HTTP can date"))
}
