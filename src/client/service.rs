use std::{fmt, future::Future, marker::PhantomData, num::NonZeroU32, time::Duration};

use bytes::Bytes;
use http::{Request, Response, header::HeaderName};
use http_body::Body;
use tower_service::Service;

use super::{Change, Error, Outcome, Seen, Target, Tried, exchange::Exchange, settings::Settings};
use crate::error::BoxError;

/// Reads, changes and writes resources over any Tower service, without losing an update.
///
/// `B` is the body of its requests. It can be any type that is made from [`Bytes`], such as `Full<Bytes>`,
/// Axum's `Body` or reqwest's. If the service takes more than one type of body, name it:
/// `Client::<_, Body>::new(router)`.
///
/// Every call clones the service, so a client can be shared and used at once by many tasks. It needs tokio's
/// timer. All futures can be dropped at any time: nothing continues in the background. If a write was under way,
/// it may or may not be made.
///
/// It follows no redirect, because the entity tag of another resource must not be sent to this one. Turn
/// redirects off in a service that follows them: it hides whose tag the answer has.
#[must_use]
pub struct Client<S, B> {
    service: S,
    settings: Settings,
    body: PhantomData<fn() -> B>,
}

impl<S, B> Client<S, B> {
    /// Makes a client over a service that sends requests.
    pub fn new(service: S) -> Self {
        Self { service, settings: Settings::default(), body: PhantomData }
    }

    /// Accepts weak entity tags in If-Match, for servers that you know to compare weakly.
    ///
    /// FHIR, OData and SCIM do. If the server compares strongly, every such write is refused, and the call ends with
    /// [`Error::SameState`].
    pub fn accept_weak_tags(mut self) -> Self {
        self.settings.accepted.weak_tags = true;
        self
    }

    /// Accepts Last-Modified, in If-Unmodified-Since, if there is no entity tag that may be used.
    ///
    /// Two changes within one second share their date, and the second can then be lost.
    pub fn accept_dates(mut self) -> Self {
        self.settings.accepted.dates = true;
        self
    }

    /// Reads and asks again if the outcome of a write is unknown, instead of ending with
    /// [`Error::OutcomeUnknown`].
    ///
    /// The function then sees [`change_may_be_made`](Seen::change_may_be_made). Use it if the function can tell
    /// from the content whether its change is there already.
    /// [`save`](Self::save) has no function to ask, so this changes nothing there.
    pub fn ask_again_if_unknown(mut self) -> Self {
        self.settings.asks_again = true;
        self
    }

    /// Trusts a 412 after a lost answer, for servers that you know to keep a record of writes for at least this long.
    ///
    /// Such a server answers the success of a write that it made before, so its 412 to a repeated If-Match says that it
    /// did not make this one: [`change`](Self::change) reads and asks again, and [`save`](Self::save) ends with
    /// [`Error::Conflict`]. This crate's layer does so with `write_ids`. The outcome stays unknown after that time, and
    /// for a write with another condition than If-Match, or with WebDAV's If beside it.
    ///
    /// The server must give no tag to a second state, as versions do not, and hashes of the content do. Otherwise a
    /// change can be made twice.
    pub fn trust_write_records(mut self, kept_for: Duration) -> Self {
        self.settings.records_kept_for = kept_for;
        self
    }

    /// Sets the most bytes of an answer. The default is 64 MiB.
    ///
    /// If the content of a read is longer, the call ends with [`Error::Unreachable`]. The content of an answer to a write
    /// is dropped, and its status counts.
    pub fn with_longest_content(mut self, bytes: usize) -> Self {
        self.settings.longest_content = bytes;
        self
    }

    /// Sets the most attempts of one call. The default is 32.
    ///
    /// Each 412 and each lost answer takes one. A call sends at most this many reads and this many writes.
    pub fn with_attempts(mut self, attempts: NonZeroU32) -> Self {
        self.settings.attempts = attempts;
        self
    }

    /// Sets when an answer counts as lost. The default is 30 seconds.
    pub fn with_answer_timeout(mut self, timeout: Duration) -> Self {
        self.settings.answer_timeout = timeout;
        self
    }

    /// Sets the time that one call may take. The default is no deadline: the attempts bound it.
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.settings.deadline = Some(deadline);
        self
    }

    /// Sets the longest wait between two attempts. The default is five seconds.
    ///
    /// The first wait is as long as the first attempt took, and each further wait is twice as long, with jitter of
    /// up to the same again.
    pub fn with_longest_wait(mut self, wait: Duration) -> Self {
        self.settings.longest_wait = wait;
        self
    }

    /// Sets the field that carries the write id. The default is `Idempotency-Key`.
    pub fn with_write_id_field(mut self, name: HeaderName) -> Self {
        self.settings.write_id = name;
        self
    }
}

impl<S, B, ResBody> Client<S, B>
where
    S: Service<Request<B>, Response = Response<ResBody>, Error: Into<BoxError>> + Clone,
    B: From<Bytes>,
    ResBody: Body<Error: Into<BoxError>>,
{
    /// Reads the resource, asks the function what shall be there, and writes that.
    ///
    /// After a 412 it reads again, past all caches, and asks the function again. If the read shows the state that the
    /// server has just refused, that is an error: the function is not asked about it again.
    ///
    /// The client can call the function several times, so it should depend on nothing but what it sees. It waits for
    /// nothing: to ask a person, use [`read`](Self::read) and [`save`](Self::save).
    ///
    /// # Errors
    ///
    /// See [`Error`]. Statuses other than a success, 412 and 428 are [`Error::Status`].
    pub fn change<F, E>(
        &self,
        target: &Target,
        function: F,
    ) -> impl Future<Output = Result<Outcome, Error<E>>> + use<S, B, ResBody, F, E>
    where
        F: FnMut(&Seen) -> Result<Change, E>,
    {
        self.exchange(target).change(function)
    }

    /// Reads the resource.
    ///
    /// # Errors
    ///
    /// [`Error::Status`], [`Error::Unreachable`] or [`Error::DeadlinePassed`].
    pub fn read(&self, target: &Target) -> impl Future<Output = Result<Seen, Error>> + use<S, B, ResBody> {
        let mut exchange = self.exchange(target);
        async move { exchange.read(false).await }
    }

    /// Writes a change of what was read before.
    ///
    /// If the answer is lost, it sends the same request again. It does not read again after a 412.
    ///
    /// # Errors
    ///
    /// See [`Error`]. A 412 is [`Error::Conflict`], with the server's problem details.
    pub fn save(
        &self,
        target: &Target,
        seen: Seen,
        change: Change,
    ) -> impl Future<Output = Result<Outcome, Error>> + use<S, B, ResBody> {
        self.exchange(target).save(seen, change)
    }

    fn exchange(&self, target: &Target) -> Exchange<S, B> {
        Exchange::new(self.service.clone(), self.settings.clone(), target.clone())
    }
}

impl<S, B> Client<S, B> {
    /// Makes the request that [`save`](Self::save) would send. `None` if nothing is to be sent.
    ///
    /// Use it to send the request yourself. After a lost answer, send the very same request again.
    ///
    /// # Errors
    ///
    /// [`Error::NoValidator`], [`Error::WeakTag`], [`Error::DoesNotFit`] or [`Error::OtherResource`].
    pub fn request(&self, target: &Target, seen: Seen, change: &Change) -> Result<Option<Request<B>>, Error>
    where
        B: From<Bytes>,
    {
        let write = super::request::write(target, &self.settings, &seen, change);
        let write = write.map_err(|reason| reason.into_error(Box::new(Tried::new(target.uri().clone()))))?;
        Ok(write.map(|(_, write)| write.into_request()))
    }
}

impl<S: Clone, B> Clone for Client<S, B> {
    fn clone(&self) -> Self {
        Self { service: self.service.clone(), settings: self.settings.clone(), body: PhantomData }
    }
}

impl<S, B> fmt::Debug for Client<S, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("settings", &self.settings).finish_non_exhaustive()
    }
}
