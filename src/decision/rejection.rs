mod text;

use std::{error, fmt, sync::Arc};

#[cfg(feature = "webdav")]
use http::HeaderMap;
use http::{HeaderValue, Method, request::Parts};

use super::{RejectionKind, if_match_hint::IfMatchHint};
use crate::{
    error::BoxError,
    header_map::all_lines,
    precondition::{Condition, ConditionalFields, FieldLines, MalformedField, Requirement, TagComparison},
    representation::{Current, Details, ExtensionValue, MadeWrite, Missing, State},
    validator::Validators,
};
#[cfg(feature = "webdav")]
use crate::{
    precondition::RequestFields,
    webdav::{IF, MalformedIf},
};

/// The reason why the layer answered instead of the handler.
///
/// A [`RejectionResponder`](crate::RejectionResponder) renders it. It is also in the extensions of every 4xx
/// and 5xx that the layer makes, and of its 201 and 204, so that an outer layer can see it. A 304 of the layer carries
/// none.
///
/// It is one pointer wide and cheap to clone.
///
/// # Example
///
/// ```
/// # use http::{Request, Response, header, request::Parts};
/// # use tower::{ServiceExt, service_fn, Layer};
/// # use std::convert::Infallible;
/// use tower_precondition::{Condition, EntityTag, PreconditionLayer, Rejection, RejectionKind};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let layer = PreconditionLayer::new(|_: &Parts| async { EntityTag::from_version(2) });
/// let handler = service_fn(|_| async { Ok::<_, Infallible>(Response::new(String::new())) });
/// let request = Request::put("/").header(header::IF_MATCH, "\"1\"").body(String::new()).unwrap();
///
/// let response = layer.layer(handler).oneshot(request).await.unwrap();
/// let rejection = response.extensions().get::<Rejection>().unwrap();
/// assert_eq!(rejection.kind(), RejectionKind::PreconditionFailed);
/// assert_eq!(rejection.condition(), Some(Condition::IfMatch));
/// assert_eq!(rejection.provided().next().unwrap(), "\"1\"");
/// assert_eq!(rejection.current().unwrap().etag().unwrap().to_string(), "\"2\"");
/// # });
/// ```
#[derive(Clone)]
pub struct Rejection(Arc<Inner>);

struct Inner {
    kind: RejectionKind,
    condition: Option<Condition>,
    provided: Provided,
    current: Option<Current>,
    /// Boxed: a 412 of a layer without modes has none, and it keeps this type small to move.
    more: Option<Box<More>>,
    /// The request's head, if a handler made the rejection: the layer no longer has it then.
    head: Option<Box<Parts>>,
}

/// What only some rejections have.
#[derive(Default)]
struct More {
    malformed: Option<MalformedField>,
    requirement: Option<Requirement>,
    error: Option<BoxError>,
    missing: Option<Missing>,
    #[cfg(feature = "webdav")]
    webdav_if: Option<WebDavIf>,
    /// How the tags were compared, which the text of a 412 depends on.
    comparison: TagComparison,
}

/// What is wrong with WebDAV's `If`.
#[cfg(feature = "webdav")]
#[derive(Clone)]
enum WebDavIf {
    Malformed(MalformedIf),
    TooManyResources {
        at_most: usize,
    },
    /// For each list the condition on which it fails.
    False {
        failed: Vec<String>,
    },
}

/// The lines of the failing field. The first is held inline, so that one line does not allocate.
#[derive(Clone, Default)]
struct Provided {
    first: Option<HeaderValue>,
    rest: Vec<HeaderValue>,
}

impl Provided {
    fn by(lines: FieldLines<'_>) -> Self {
        match lines {
            FieldLines::None => Self::default(),
            FieldLines::One(line) => Self { first: Some(line.clone()), rest: Vec::new() },
            FieldLines::Several(headers, condition) => {
                Self::of(all_lines(headers, condition.field()).into_iter().cloned())
            }
        }
    }

    fn of(mut lines: impl Iterator<Item = HeaderValue>) -> Self {
        Self { first: lines.next(), rest: lines.collect() }
    }
}

impl Rejection {
    fn new(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }

    pub(crate) fn malformed(malformed: MalformedField, fields: &ConditionalFields<'_>) -> Self {
        let about = Inner::about(RejectionKind::MalformedField, Some(malformed.condition()), fields);
        Self::new(about.with(More { malformed: Some(malformed), ..More::default() }))
    }

    pub(crate) fn required(requirement: Requirement, fields: &ConditionalFields<'_>) -> Self {
        let about = Inner::about(RejectionKind::PreconditionRequired, None, fields);
        Self::new(about.with(More { requirement: Some(requirement), ..More::default() }))
    }

    pub(super) fn absent(kind: RejectionKind, condition: Condition, fields: &ConditionalFields<'_>) -> Self {
        Self::new(Inner::about(kind, Some(condition), fields))
    }

    pub(crate) fn failed(
        condition: Condition,
        fields: &ConditionalFields<'_>,
        current: Option<Current>,
        comparison: &TagComparison,
    ) -> Self {
        let more = || Box::new(More { comparison: comparison.clone(), ..More::default() });
        // At once, and not by `about`: that saves 43 instructions of a 412.
        Self::new(Inner {
            kind: RejectionKind::PreconditionFailed,
            condition: Some(condition),
            provided: Provided::by(fields.lines(condition)),
            current,
            more: comparison.modes().map(|_| more()),
            head: None,
        })
    }

    /// The write was made before, and its answer was lost.
    pub(super) fn already_made(
        made: MadeWrite,
        validators: Option<Validators>,
        fields: &ConditionalFields<'_>,
    ) -> Self {
        let kind = match made.created {
            true => RejectionKind::AlreadyCreated,
            false => RejectionKind::AlreadyMade,
        };
        let details =
            made.location.map(|location| Box::new(Details { location: Some(location), members: Vec::new() }));
        let current = Current { validators: validators.unwrap_or_default(), details };
        Self::new(Inner { current: Some(current), ..Inner::about(kind, None, fields) })
    }

    /// The write lost a race, although no condition is false.
    pub(super) fn overtaken(method: &Method, state: State, fields: &ConditionalFields<'_>) -> Self {
        let State { current, absent } = state;
        let kind = match current {
            None => RejectionKind::of_absent(absent, method),
            Some(_) => None,
        };
        let kind = kind.unwrap_or(RejectionKind::PreconditionFailed);
        Self::new(Inner { current, ..Inner::about(kind, None, fields) })
    }

    pub(crate) fn not_modified(current: Option<Current>, fields: &ConditionalFields<'_>) -> Self {
        Self::new(Inner { current, ..Inner::about(RejectionKind::NotModified, None, fields) })
    }

    /// The write cannot be evaluated, now (503) or ever (501).
    pub(crate) fn unevaluated(missing: Missing, fields: &ConditionalFields<'_>) -> Self {
        let kind = match missing.is_temporary() {
            true => RejectionKind::LookupFailed,
            false => RejectionKind::Unevaluated,
        };
        let about = Inner::about(kind, None, fields);
        Self::new(about.with(More { missing: Some(missing), ..More::default() }))
    }

    pub(crate) fn waited_too_long(fields: &ConditionalFields<'_>) -> Self {
        Self::new(Inner::about(RejectionKind::WaitedTooLong, None, fields))
    }

    pub(crate) fn lookup_failed(error: impl Into<BoxError>, fields: &ConditionalFields<'_>) -> Self {
        let about = Inner::about(RejectionKind::LookupFailed, None, fields);
        Self::new(about.with(More { error: Some(error.into()), ..More::default() }))
    }

    #[cfg(feature = "webdav")]
    pub(crate) fn for_malformed_if(malformed: MalformedIf, headers: &HeaderMap) -> Self {
        Self::about_if(RejectionKind::MalformedField, WebDavIf::Malformed(malformed), headers)
    }

    #[cfg(feature = "webdav")]
    pub(crate) fn too_many_resources(at_most: usize, headers: &HeaderMap) -> Self {
        Self::about_if(RejectionKind::TooManyResources, WebDavIf::TooManyResources { at_most }, headers)
    }

    /// Shows `current`, as every 412 does.
    #[cfg(feature = "webdav")]
    pub(crate) fn failed_if(failed: Vec<String>, headers: &HeaderMap, current: Option<Current>) -> Self {
        let mut rejection =
            Self::about_if(RejectionKind::PreconditionFailed, WebDavIf::False { failed }, headers);
        if let Some(inner) = Arc::get_mut(&mut rejection.0) {
            inner.current = current;
        }
        rejection
    }

    #[cfg(feature = "webdav")]
    fn about_if(kind: RejectionKind, webdav_if: WebDavIf, headers: &HeaderMap) -> Self {
        let fields = ConditionalFields::from_present(headers, RequestFields::NONE);
        let provided = Provided::of(all_lines(headers, IF).into_iter().cloned());
        let about = Inner { provided, ..Inner::about(kind, None, &fields) };
        Self::new(about.with(More { webdav_if: Some(webdav_if), ..More::default() }))
    }

    /// Marks a rejection that a handler makes, so that the layer renders it as an answer to this request.
    pub(super) fn in_answer_to(self, head: Parts) -> Self {
        // It was made just now, so nothing else holds a clone.
        let inner = Arc::into_inner(self.0).map(|inner| Inner { head: Some(Box::new(head)), ..inner });
        Self(Arc::new(inner.expect("a new rejection has one owner")))
    }

    /// Returns the request's head, if a handler made the rejection.
    pub(crate) fn head(&self) -> Option<&Parts> {
        self.0.head.as_deref()
    }

    /// Returns a copy that tells nothing about the current representation.
    pub(crate) fn without_current(&self) -> Self {
        let Inner { kind, condition, provided, more, head, .. } = &*self.0;
        Self::new(Inner {
            kind: *kind,
            condition: *condition,
            provided: provided.clone(),
            current: None,
            more: more.as_ref().map(|more| Box::new(more.without_errors())),
            head: head.clone(),
        })
    }

    /// Returns why no tag of a false If-Match can match, if the tags show it.
    fn if_match_hint(&self) -> Option<IfMatchHint> {
        let current = self.current().and_then(Validators::etag);
        let modes = self.more().and_then(|more| more.comparison.modes());
        IfMatchHint::of(self.provided(), current, modes)
    }

    /// Returns whether an If-Match failed that a weak tag can never meet.
    #[cfg(feature = "tracing")]
    pub(crate) fn is_for_weak_tag(&self) -> bool {
        // Fast path: most requests send no weak tag.
        let Provided { first, rest } = &self.0.provided;
        let may_be_weak = |line: &HeaderValue| line.as_bytes().contains(&b'W');
        self.condition() == Some(Condition::IfMatch)
            && self.kind() == RejectionKind::PreconditionFailed
            && (self.current().and_then(Validators::etag).is_some_and(|etag| etag.is_weak())
                || first.as_ref().is_some_and(may_be_weak)
                || rest.iter().any(may_be_weak))
            && self.if_match_hint().is_some_and(|hint| hint.is_about_weak_tags())
    }

    fn more(&self) -> Option<&More> {
        self.0.more.as_deref()
    }

    #[cfg(feature = "webdav")]
    fn webdav_if(&self) -> Option<&WebDavIf> {
        self.more()?.webdav_if.as_ref()
    }

    /// Returns the kind, which decides the status.
    #[must_use]
    pub fn kind(&self) -> RejectionKind {
        self.0.kind
    }

    /// Returns the condition that is malformed or false.
    ///
    /// `None` for the other kinds, if WebDAV's `If` is the field in question, and for a write that
    /// [lost a race](crate::Verdict::reject) although no condition is false.
    #[must_use]
    pub fn condition(&self) -> Option<Condition> {
        self.0.condition
    }

    /// Returns the name of the field that is malformed or false, WebDAV's `If` included.
    pub(crate) fn field_name(&self) -> Option<&'static str> {
        #[cfg(feature = "webdav")]
        if self.webdav_if().is_some() {
            return Some("If");
        }
        self.0.condition.map(Condition::as_str)
    }

    /// Returns what is malformed in WebDAV's `If`, and where.
    #[cfg(feature = "webdav")]
    #[must_use]
    pub fn malformed_if(&self) -> Option<&MalformedIf> {
        match self.webdav_if() {
            Some(WebDavIf::Malformed(malformed)) => Some(malformed),
            _ => None,
        }
    }

    /// Iterates over the lists of a false WebDAV `If`: the condition on which each one fails.
    ///
    /// There are at most 16, each cut at 256 bytes. Empty for every other rejection.
    ///
    /// ```
    /// # use http::{Request, Response, request::Parts};
    /// # use tower::{Layer, ServiceExt, service_fn};
    /// # use tower_precondition::{EntityTag, PreconditionLayer, Rejection, ResourceState};
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// # let locks = |_: &http::Uri, _: &Parts| async { ResourceState::unmapped() };
    /// # let layer = PreconditionLayer::new(|_: &Parts| async { EntityTag::from_version(2) }).webdav(locks);
    /// # let handler = service_fn(|_| async { Ok::<_, std::convert::Infallible>(Response::new(String::new())) });
    /// # let request = Request::put("/").header("if", "(<urn:uuid:1> [\"2\"]) ([\"1\"])").body(String::new()).unwrap();
    /// # let response = layer.layer(handler).oneshot(request).await.unwrap();
    /// let rejection = response.extensions().get::<Rejection>().unwrap();
    /// assert!(rejection.failed_if_lists().eq(["<urn:uuid:1>", "[\"1\"]"]));
    /// # });
    /// ```
    #[cfg(feature = "webdav")]
    pub fn failed_if_lists(&self) -> impl Iterator<Item = &str> {
        let failed = match self.webdav_if() {
            Some(WebDavIf::False { failed }) => failed.as_slice(),
            _ => &[],
        };
        failed.iter().map(String::as_str)
    }

    /// Iterates over the lines of that condition's field, or of WebDAV's `If`, as the client sent them.
    pub fn provided(&self) -> impl Iterator<Item = &HeaderValue> {
        self.0.provided.first.iter().chain(&self.0.provided.rest)
    }

    /// Returns what is malformed, and where.
    ///
    /// ```
    /// # use http::{Request, Response, request::Parts};
    /// # use tower::{Layer, ServiceExt, service_fn};
    /// # use tower_precondition::{EntityTag, PreconditionLayer, Rejection, Representation, Requirement};
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// # let layer = PreconditionLayer::new(|_: &Parts| async { EntityTag::from_version(2) });
    /// # let handler = service_fn(|_| async { Ok::<_, std::convert::Infallible>(Response::new(String::new())) });
    /// # let request = Request::put("/").header("if-match", "2").body(String::new()).unwrap();
    /// # let response = layer.layer(handler).oneshot(request).await.unwrap();
    /// let rejection = response.extensions().get::<Rejection>().unwrap();
    /// let field = rejection.malformed_field().unwrap();
    /// assert_eq!(field.expected(), "an entity tag in double quotes");
    /// # });
    /// ```
    #[must_use]
    pub fn malformed_field(&self) -> Option<&MalformedField> {
        self.more()?.malformed.as_ref()
    }

    /// Returns the requirement that the request does not meet.
    ///
    /// ```
    /// # use http::{Request, Response, request::Parts};
    /// # use tower::{Layer, ServiceExt, service_fn};
    /// # use tower_precondition::{EntityTag, PreconditionLayer, Rejection, Representation, Requirement};
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// # let layer = PreconditionLayer::new(|_: &Parts| async { EntityTag::from_version(2) }).require(Requirement::on_writes());
    /// # let handler = service_fn(|_| async { Ok::<_, std::convert::Infallible>(Response::new(String::new())) });
    /// # let request = Request::put("/").body(String::new()).unwrap();
    /// # let response = layer.layer(handler).oneshot(request).await.unwrap();
    /// let rejection = response.extensions().get::<Rejection>().unwrap();
    /// let accepted = rejection.requirement().unwrap().accepted();
    /// assert!(accepted.map(|condition| condition.to_string()).any(|condition| condition == "If-Match"));
    /// # });
    /// ```
    #[must_use]
    pub fn requirement(&self) -> Option<&Requirement> {
        self.more()?.requirement.as_ref()
    }

    /// Returns the current validators of a 412 or a `NotModified`, if the layer [exposes](super::Expose) them.
    ///
    /// Those of an `AlreadyCreated` or `AlreadyMade` are the ones that the success carries, perhaps none.
    #[must_use]
    pub fn current(&self) -> Option<&Validators> {
        self.0.current.as_ref().map(|current| &current.validators)
    }

    fn details(&self) -> Option<&Details> {
        self.0.current.as_ref()?.details.as_deref()
    }

    /// Returns the location of the existing resource, if the source named it.
    ///
    /// ```
    /// # use http::{Request, Response, request::Parts};
    /// # use tower::{Layer, ServiceExt, service_fn};
    /// # use tower_precondition::{EntityTag, PreconditionLayer, Rejection, Representation, Requirement};
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// # let layer = PreconditionLayer::new(|_: &Parts| async { Representation::from(EntityTag::from_version(2)).with_location("/documents/7".parse().unwrap()) });
    /// # let handler = service_fn(|_| async { Ok::<_, std::convert::Infallible>(Response::new(String::new())) });
    /// # let request = Request::put("/").header("if-none-match", "*").body(String::new()).unwrap();
    /// # let response = layer.layer(handler).oneshot(request).await.unwrap();
    /// let rejection = response.extensions().get::<Rejection>().unwrap();
    /// assert_eq!(rejection.location().unwrap(), "/documents/7");
    /// # });
    /// ```
    #[must_use]
    pub fn location(&self) -> Option<&HeaderValue> {
        self.details()?.location.as_ref()
    }

    /// Iterates over the extension members that the source added, in its order.
    ///
    /// ```
    /// # use http::{Request, Response, request::Parts};
    /// # use tower::{Layer, ServiceExt, service_fn};
    /// # use tower_precondition::{EntityTag, PreconditionLayer, Rejection, Representation, Requirement};
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// # let layer = PreconditionLayer::new(|_: &Parts| async { Representation::from(EntityTag::from_version(2)).with_extension_member("changed_by", "Ada") });
    /// # let handler = service_fn(|_| async { Ok::<_, std::convert::Infallible>(Response::new(String::new())) });
    /// # let request = Request::put("/").header("if-none-match", "*").body(String::new()).unwrap();
    /// # let response = layer.layer(handler).oneshot(request).await.unwrap();
    /// let rejection = response.extensions().get::<Rejection>().unwrap();
    /// let (name, who) = rejection.extension_members().next().unwrap();
    /// assert_eq!((name, who.to_string().as_str()), ("changed_by", "Ada"));
    /// # });
    /// ```
    pub fn extension_members(&self) -> impl Iterator<Item = (&str, &ExtensionValue)> {
        let members = self.details().map(|details| &details.members).into_iter().flatten();
        members.map(|(name, value)| (name.as_ref(), value))
    }
}

impl Inner {
    fn about(kind: RejectionKind, condition: Option<Condition>, fields: &ConditionalFields<'_>) -> Self {
        let provided = condition.map(|condition| Provided::by(fields.lines(condition)));
        let provided = provided.unwrap_or_default();
        Self { kind, condition, provided, current: None, more: None, head: None }
    }

    fn with(self, more: More) -> Self {
        Self { more: Some(Box::new(more)), ..self }
    }
}

impl More {
    /// Returns a copy without the source's error, which has no copy, and without what the state lacked.
    fn without_errors(&self) -> Self {
        Self {
            malformed: self.malformed,
            requirement: self.requirement.clone(),
            error: None,
            missing: None,
            #[cfg(feature = "webdav")]
            webdav_if: self.webdav_if.clone(),
            comparison: self.comparison.clone(),
        }
    }
}

impl fmt::Debug for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rejection")
            .field("kind", &self.0.kind)
            .field("condition", &self.0.condition)
            .field("current", &self.current())
            .finish_non_exhaustive()
    }
}

impl error::Error for Rejection {
    /// Returns the malformed field, or the source's error.
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        #[cfg(feature = "webdav")]
        if let Some(malformed) = self.malformed_if() {
            return Some(malformed);
        }
        match self.more()? {
            More { malformed: Some(malformed), .. } => Some(malformed),
            More { error: Some(error), .. } => Some(error.as_ref()),
            _ => None,
        }
    }
}
