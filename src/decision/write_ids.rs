use std::{fmt, sync::Arc};

use http::{
    HeaderMap, HeaderName, Method,
    header::{
        CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, IF_MATCH, IF_NONE_MATCH,
        IF_UNMODIFIED_SINCE, RANGE, TRANSFER_ENCODING,
    },
    request::Parts,
};

use super::{WriteIdentity, write_identity::IdentityHasher};
use crate::{
    lists::list_members,
    precondition::{Condition, MethodKind, RequestFields},
};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const CONTENT_DIGEST: HeaderName = HeaderName::from_static("content-digest");

/// The longest id, in bytes.
const LONGEST: usize = 255;

/// The fields that a repeated request has in common with the first: conditions, what selects a part, what
/// describes the content, what names another method, and WebDAV's conditions and parameters.
const FIELDS: [HeaderName; 17] = [
    IF_MATCH,
    IF_NONE_MATCH,
    IF_UNMODIFIED_SINCE,
    RANGE,
    CONTENT_TYPE,
    CONTENT_LENGTH,
    CONTENT_ENCODING,
    CONTENT_RANGE,
    CONTENT_DIGEST,
    HeaderName::from_static("x-http-method-override"),
    HeaderName::from_static("x-http-method"),
    HeaderName::from_static("x-method-override"),
    // The literal, because it counts without feature `webdav` too.
    HeaderName::from_static("if"),
    HeaderName::from_static("lock-token"),
    HeaderName::from_static("destination"),
    HeaderName::from_static("overwrite"),
    HeaderName::from_static("depth"),
];

/// Reads the id of a write, so that a repeated write is known to be the same.
///
/// A client that lost an answer sends the write again, and gets 412: it is in conflict with itself. With an id,
/// the layer answers the success that the lost answer had. This takes three steps:
///
/// 1. The client sends an id, a new one for each intent, and a Content-Digest.
/// 2. Your store records the [`WriteIdentity`] in the transaction of the write.
/// 3. Your source hands the record on with
///    [`Representation::with_made_write`](crate::Representation::with_made_write).
///
/// The [guide](crate::guide::lost_updates) says what the record is for, and how long to keep it.
///
/// # Which requests have an id
///
/// A request has an id if all of these hold. Otherwise it is evaluated as usual.
///
/// - It is a write with If-Match or If-None-Match. If-Unmodified-Since alone never counts.
/// - It carries one line of Idempotency-Key (or the field that you [name](Self::in_field)) of 1 to 255 bytes. Quotes
///   around it are dropped.
/// - The closure names its sender.
/// - It carries a Content-Digest with `sha-256` or `sha-512` (RFC 9530), or `Content-Length: 0`. A DELETE needs
///   neither if it describes no content. The digest tells apart two texts of one length under one id.
///
/// # Which requests are the same
///
/// Two requests are the same if they have the same sender, id, method, path and query, and the same lines of these
/// fields: If-Match, If-None-Match, If-Unmodified-Since, Range, Content-Type, Content-Length, Content-Encoding,
/// Content-Range, Content-Digest, the three fields that replace the method (X-HTTP-Method-Override and its kin), and
/// WebDAV's If, Lock-Token, Destination, Overwrite and Depth. [`also_by`](Self::also_by) adds more.
///
/// The host does not count, so that a client may repeat the request to another replica. If one application serves
/// several hosts, let the closure name the host too. The path is the one that the layer sees, and a router may have
/// removed a prefix from it. So let the store compare the resource too.
///
/// A layer that judges WebDAV's If judges it of a repeated write too, by the locks and tags of now. If it is false,
/// the answer is 412: a lock that was lost is never told as a success. So a client must repeat a write with the tag
/// in If-Match, and the lock token alone in If.
///
/// The layer does not read the content, so it does not check the digest. A client that lies about it can only
/// be told of its own writes.
///
/// # Example
///
/// ```
/// use std::sync::{Arc, Mutex};
/// use http::{HeaderValue, Request, Response, request::Parts};
/// # use tower::{Layer, ServiceExt, service_fn};
/// use tower_precondition::{
///     EntityTag, MadeWrite, PreconditionLayer, Representation, WriteIdentity, WriteIds,
/// };
///
/// // In place of the user that authentication found.
/// let user = |head: &Parts| head.headers.get("x-user").cloned();
/// // In place of a database: the version, and the write that made it.
/// let store: Arc<Mutex<(u64, Option<WriteIdentity>)>> = Arc::default();
///
/// # let read = store.clone();
/// let source = move |head: &Parts| {
///     let (version, last) = *read.lock().unwrap();
///     let found = Representation::from(EntityTag::from_version(version));
///     let found = match head.extensions.get::<WriteIdentity>() {
///         Some(identity) if Some(*identity) == last => {
///             let state = |version| Some(EntityTag::from_version(version).into());
///             found.with_made_write(MadeWrite::new(state(version - 1), state(version)))
///         }
///         _ => found,
///     };
///     async move { found }
/// };
/// let layer = PreconditionLayer::new(source).write_ids(WriteIds::new(user));
///
/// # let written = store.clone();
/// let handler = service_fn(move |request: Request<String>| {
///     let mut row = written.lock().unwrap();
///     *row = (row.0 + 1, request.extensions().get().copied());
///     async { Response::builder().status(204).body(String::new()) }
/// });
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// # let service = layer.layer(handler);
/// let put = || {
///     Request::put("/plan")
///         .header("x-user", "ada")
///         .header("if-match", "\"0\"")
///         .header("idempotency-key", "\"8e03978e-40d5-43dd-bc93-6894a57f9324\"")
///         .header("content-digest", "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:")
///         .body(String::from("text"))
///         .unwrap()
/// };
/// assert_eq!(service.clone().oneshot(put()).await.unwrap().status(), 204);
/// // The answer was lost. The same request again is told of its success, and not performed.
/// assert_eq!(service.oneshot(put()).await.unwrap().status(), 204);
/// assert_eq!(store.lock().unwrap().0, 1);
/// # });
/// ```
#[derive(Clone)]
#[must_use]
pub struct WriteIds {
    sender: Arc<dyn Sender>,
    field: HeaderName,
    more: Arc<[HeaderName]>,
    only_if_match: bool,
}

impl WriteIds {
    /// Reads ids from Idempotency-Key. The closure names the sender of a request.
    ///
    /// The sender is the user or the account that authentication found, or whatever else scopes an id: two users
    /// may count `1`, `2`, `3`. A request whose sender is `None` has no id.
    ///
    /// There is no default, because a record that is not scoped to its sender tells one user of another's
    /// success. Name all senders alike only if all of them make up random ids.
    pub fn new<F, S>(sender: F) -> Self
    where
        F: Fn(&Parts) -> Option<S> + Send + Sync + 'static,
        S: AsRef<[u8]> + 'static,
    {
        let sender = Arc::new(SenderOf(sender));
        Self { sender, field: IDEMPOTENCY_KEY, more: Arc::default(), only_if_match: false }
    }

    /// Reads ids from another field.
    pub fn in_field(self, field: HeaderName) -> Self {
        Self { field, ..self }
    }

    /// Names more fields that a repeated request has in common with the first.
    ///
    /// Use it for fields of your application that say what a write does.
    pub fn also_by(self, fields: impl IntoIterator<Item = HeaderName>) -> Self {
        Self { more: self.more.iter().cloned().chain(fields).collect(), ..self }
    }

    /// Gives no id to a request with If-None-Match.
    ///
    /// RFC 9110 lets a server answer 2xx to a false If-Match if the request already made the change (§13.1.1). It
    /// has no such exception for If-None-Match (§13.1.2), so the default departs from it: a repeated create is
    /// told of its success. With this setting it is 412, as the RFC says, and if another client has deleted the
    /// resource in between, the repeated create is performed again.
    pub fn only_if_match(self) -> Self {
        Self { only_if_match: true, ..self }
    }

    /// Returns the fields that carry the id and the digest of the content.
    #[cfg(feature = "utoipa")]
    pub(crate) fn request_fields(&self) -> [HeaderName; 2] {
        [self.field.clone(), CONTENT_DIGEST]
    }

    /// Returns the identity of a request, if it has an id.
    ///
    /// The layer does this for you. Call it in a handler without the layer, which checks with
    /// [`Preconditions`](super::Preconditions).
    #[must_use]
    pub fn identity(&self, head: &Parts) -> Option<WriteIdentity> {
        match MethodKind::of(&head.method) {
            MethodKind::Changes => self.identity_of_write(head, RequestFields::of(&head.headers)),
            _ => None,
        }
    }

    /// The same, after an earlier pass over the names. A write without a condition costs no search for the id.
    pub(crate) fn identity_of_write(&self, head: &Parts, present: RequestFields) -> Option<WriteIdentity> {
        let Parts { method, uri, headers, .. } = head;
        let [names, excludes] = [Condition::IfMatch, Condition::IfNoneMatch]
            .map(|condition| present.has(RequestFields::condition(condition)));
        let is_judged = match self.only_if_match {
            true => names && !excludes,
            false => names || excludes,
        };
        if !is_judged {
            return None;
        }
        let id = self.id(headers)?;
        if !tells_content(method, headers) {
            return None;
        }
        let mut hasher = IdentityHasher::new();
        if !self.sender.add_to(&mut hasher, head) {
            return None;
        }
        for part in [id, method.as_str().as_bytes(), uri.path().as_bytes()] {
            hasher.add(part);
        }
        hasher.add_all(uri.query().map(str::as_bytes));
        for name in FIELDS.iter().chain(&*self.more) {
            hasher.add_all(headers.get_all(name).iter().map(|line| line.as_bytes()));
        }
        Some(hasher.finish())
    }

    /// The id, without the quotes of a string (RFC 9651 §3.3.3).
    fn id<'a>(&self, headers: &'a HeaderMap) -> Option<&'a [u8]> {
        let mut lines = headers.get_all(&self.field).into_iter();
        let (Some(line), None) = (lines.next(), lines.next()) else { return None };
        let sent = line.as_bytes();
        let unquoted = sent.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\""));
        let id = unquoted.unwrap_or(sent);
        (sent.len() <= LONGEST && !id.is_empty()).then_some(id)
    }
}

/// Returns whether the head tells the content: by a digest, or because there is none.
///
/// A missing Content-Length proves nothing: HTTP/2 needs none, and layers remove it. Content in a DELETE has no
/// meaning (RFC 9110 §9.3.5), so a DELETE that does not describe any counts as empty.
fn tells_content(method: &Method, headers: &HeaderMap) -> bool {
    let describes_none =
        || ![CONTENT_LENGTH, TRANSFER_ENCODING, CONTENT_TYPE].iter().any(|name| headers.contains_key(name));
    let is_empty = || {
        headers.get(CONTENT_LENGTH).is_some_and(|length| length == "0")
            && !headers.contains_key(TRANSFER_ENCODING)
    };
    let has_digest = || list_members(headers, CONTENT_DIGEST).any(is_strong_digest);
    has_digest() || is_empty() || (*method == Method::DELETE && describes_none())
}

/// Returns whether a member of Content-Digest is the value of SHA-256 or SHA-512, as a byte sequence of RFC 9651.
fn is_strong_digest(member: &[u8]) -> bool {
    let is_base64 = |length: usize, text: &[u8]| {
        text.len() == length
            && text.iter().all(|byte| matches!(byte, b'+' | b'/' | b'=') || byte.is_ascii_alphanumeric())
    };
    let value = |name: &[u8], length| {
        let text = member.strip_prefix(name).and_then(|rest| rest.strip_suffix(b":"));
        text.is_some_and(|text| is_base64(length, text))
    };
    value(b"sha-256=:", 44) || value(b"sha-512=:", 88)
}

/// The closure, without its types.
trait Sender: Send + Sync {
    /// Adds the sender. Returns false if there is none.
    fn add_to(&self, hasher: &mut IdentityHasher, head: &Parts) -> bool;
}

struct SenderOf<F>(F);

impl<F, S> Sender for SenderOf<F>
where
    F: Fn(&Parts) -> Option<S> + Send + Sync,
    S: AsRef<[u8]>,
{
    fn add_to(&self, hasher: &mut IdentityHasher, head: &Parts) -> bool {
        let sender = (self.0)(head);
        sender.is_some_and(|sender| {
            hasher.add(sender.as_ref());
            true
        })
    }
}

impl fmt::Debug for WriteIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriteIds")
            .field("field", &self.field)
            .field("also_by", &self.more)
            .field("only_if_match", &self.only_if_match)
            .finish_non_exhaustive()
    }
}
