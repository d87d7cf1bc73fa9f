use std::collections::BTreeMap;

use http::{HeaderMap, HeaderName, Method, StatusCode, header};

use super::{
    learns::StateFrom,
    outcomes::{Asked, Outcomes},
};
use crate::{
    decision::{Expose, Rejection, RejectionKind},
    precondition::{ConditionalFields, MethodKind, RequestFields},
    representation::{Missing, UnevaluatedWrites},
    validator::ResponseFields,
};

/// One status that the layer can answer with.
#[derive(Default)]
pub(super) struct Answer {
    /// One sentence for each reason.
    pub(super) description: String,
    pub(super) fields: Vec<HeaderName>,
    /// A rejection with this status.
    pub(super) example: Option<Rejection>,
}

/// The answers of the layer to one method, by status.
#[derive(Default)]
pub(super) struct Answers(pub(super) BTreeMap<u16, Answer>);

impl Answers {
    /// `has_status` says which statuses the operation has without the layer.
    pub(super) fn of(
        asked: &Asked<'_>,
        outcomes: &Outcomes,
        writes_wait: bool,
        writes_have_ids: bool,
        has_status: impl Fn(StatusCode) -> bool,
    ) -> Self {
        let mut answers = Self::default();
        if outcomes.can_be_not_modified() {
            answers.add(asked, RejectionKind::NotModified, None);
        }
        for rejection in outcomes.rejections() {
            answers.add(asked, rejection.kind(), Some(rejection.clone()));
        }
        let headers = HeaderMap::new();
        let none = ConditionalFields::from_present(&headers, RequestFields::NONE);
        let failed = || Rejection::lookup_failed("no connection", &none);
        let changes = MethodKind::of(asked.method) == MethodKind::Changes;
        let learns = asked.learns;
        let mut add = |rejection: Rejection| answers.add(asked, rejection.kind(), Some(rejection));
        match learns.from {
            StateFrom::Response(_)
                if *asked.method == Method::GET && has_status(StatusCode::PARTIAL_CONTENT) =>
            {
                add(Rejection::unevaluated(Missing::EntityTagOfPart, &none));
            }
            StateFrom::HeadBeforeWrites(UnevaluatedWrites::Refuse)
                if changes && outcomes.can_be_looked_up() =>
            {
                add(Rejection::unevaluated(Missing::EntityTag, &none));
                add(Rejection::unevaluated(Missing::Answer, &none));
            }
            _ => {}
        }
        if (learns.fails || learns.locks_fail) && outcomes.can_be_looked_up() {
            add(failed());
        }
        if changes && writes_wait && outcomes.can_be_looked_up() {
            add(Rejection::waited_too_long(&none));
        }
        #[cfg(feature = "webdav")]
        if learns.judges_if {
            for kind in [
                RejectionKind::MalformedField,
                RejectionKind::TooManyResources,
                RejectionKind::PreconditionFailed,
            ] {
                answers.add(asked, kind, None);
            }
        }
        if changes && writes_have_ids {
            answers.add(asked, RejectionKind::AlreadyMade, None);
            if has_status(StatusCode::CREATED) {
                answers.add(asked, RejectionKind::AlreadyCreated, None);
            }
        }
        answers
    }

    fn add(&mut self, asked: &Asked<'_>, kind: RejectionKind, example: Option<Rejection>) {
        let answer = self.0.entry(kind.status().as_u16()).or_default();
        let text = text(kind, example.as_ref());
        if !answer.description.contains(&text) {
            let space = if answer.description.is_empty() { "" } else { " " };
            answer.description = format!("{}{space}{text}", answer.description);
        }
        for field in fields(asked, kind) {
            if !answer.fields.contains(&field) {
                answer.fields.push(field);
            }
        }
        answer.example = answer.example.take().or(example);
    }
}

fn text(kind: RejectionKind, rejection: Option<&Rejection>) -> String {
    match kind {
        RejectionKind::NotModified => "The client holds the current representation already.",
        RejectionKind::MalformedField => "A conditional field is malformed.",
        #[cfg(feature = "webdav")]
        RejectionKind::TooManyResources => "If names too many resources.",
        RejectionKind::NotFound => "Nothing exists, so the condition is false.",
        RejectionKind::Gone => "What existed is gone, so the condition is false.",
        RejectionKind::PreconditionFailed => "A condition is false, and nothing was changed.",
        RejectionKind::LookupFailed => "The current state could not be determined.",
        RejectionKind::Unevaluated => "The server cannot evaluate the condition.",
        RejectionKind::WaitedTooLong => "Other writes to the same resource are under way.",
        RejectionKind::NothingToDelete => "Nothing had to be deleted.",
        RejectionKind::AlreadyCreated | RejectionKind::AlreadyMade => {
            "An earlier attempt of this request made the change already."
        }
        RejectionKind::PreconditionRequired => {
            let required = rejection.map_or_else(String::new, |rejection| format!(": {rejection}"));
            return format!("A condition is missing{required}.");
        }
    }
    .to_owned()
}

/// The fields that an answer of this kind can carry.
fn fields(asked: &Asked<'_>, kind: RejectionKind) -> Vec<HeaderName> {
    let mut fields = match kind {
        RejectionKind::NotModified => return ResponseFields::NAMES.into(),
        RejectionKind::AlreadyMade => return vec![header::ETAG, header::LAST_MODIFIED],
        RejectionKind::AlreadyCreated => return vec![header::ETAG, header::LAST_MODIFIED, header::LOCATION],
        _ => vec![header::CACHE_CONTROL],
    };
    let knows_state = match asked.learns.from {
        StateFrom::LookUp | StateFrom::HeadBeforeWrites(_) => true,
        StateFrom::Response(_) | StateFrom::Head(_) => MethodKind::of(asked.method) == MethodKind::Selects,
    };
    if kind == RejectionKind::PreconditionFailed && asked.expose == Expose::Validators && knows_state {
        fields.extend([header::ETAG, header::LAST_MODIFIED]);
        // The other sources know of no location.
        if asked.learns.from == StateFrom::LookUp {
            fields.push(header::LOCATION);
        }
    }
    fields
}

/// Returns whether the layer adds validators to this status.
pub(super) fn gets_validators(method: &Method, status: &str) -> bool {
    matches!(*method, Method::GET | Method::HEAD) && matches!(status, "200" | "203" | "204" | "206")
}
