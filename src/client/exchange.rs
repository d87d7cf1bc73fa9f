//! The requests of one call, its bounds and its record.

use std::{future::poll_fn, marker::PhantomData, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Method, Response, StatusCode, header};
use http_body::Body;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::time::{Instant, error::Elapsed, sleep, timeout_at};
use tower_service::Service;

use super::{
    Change, Conflict, Error, Made, Outcome, Seen, Target, Tried,
    backoff::Backoff,
    condition::Condition,
    problem,
    request::{self, Prepared},
    seen::says_nothing_exists,
    settings::Settings,
};
use crate::error::BoxError;

pub(super) struct Exchange<S, B> {
    service: S,
    settings: Settings,
    target: Target,
    tried: Box<Tried>,
    backoff: Backoff,
    deadline: Option<Instant>,
    attempts_left: u32,
    attempt_began: Instant,
    body: PhantomData<fn() -> B>,
}

/// What became of a request.
enum Sent {
    Answered(Response<Bytes>),
    /// The request may have arrived. Its answer did not.
    Lost(BoxError),
    /// The service was not ready, so the request did not leave.
    Unready(BoxError),
    /// The answer to a read is longer than the bound.
    TooLong(BoxError),
}

/// What the server said to a write.
enum Written {
    Made(Made),
    Refused(Conflict),
}

/// The bound that ends a call.
enum End {
    Attempts,
    Deadline,
}

impl<S, B, ResBody> Exchange<S, B>
where
    S: Service<http::Request<B>, Response = Response<ResBody>, Error: Into<BoxError>> + Clone,
    B: From<Bytes>,
    ResBody: Body<Error: Into<BoxError>>,
{
    pub(super) fn new(service: S, settings: Settings, target: Target) -> Self {
        let now = Instant::now();
        Self {
            service,
            tried: Box::new(Tried::new(target.uri().clone())),
            backoff: Backoff::new(settings.longest_wait),
            deadline: settings.deadline.and_then(|deadline| now.checked_add(deadline)),
            attempts_left: settings.attempts.get() - 1,
            attempt_began: now,
            settings,
            target,
            body: PhantomData,
        }
    }

    pub(super) async fn change<F, E>(mut self, mut function: F) -> Result<Outcome, Error<E>>
    where
        F: FnMut(&Seen) -> Result<Change, E>,
    {
        // Only the last one: a tag that is a hash of the content can come back later.
        let mut refused: Option<(Condition, Conflict)> = None;
        loop {
            let seen = self.read(refused.is_some()).await?;
            let conflict = match refused {
                Some((condition, conflict)) if condition.names(&seen) => {
                    return Err(Error::SameState { conflict: Box::new(conflict), tried: self.tried });
                }
                refused => refused.map(|(_, conflict)| conflict),
            };
            let seen = seen.after(conflict, self.tried.may_be_made);
            let change = match function(&seen) {
                Ok(change) => change,
                Err(error) => return Err(Error::Function { error, tried: self.tried }),
            };
            let write = request::write(&self.target, &self.settings, &seen, &change);
            let Some((condition, write)) = write.map_err(|reason| reason.into_error(self.take_tried()))?
            else {
                return Ok(Outcome::LeftAlone { seen, tried: self.tried });
            };
            match self.write(write, self.settings.asks_again).await? {
                Written::Made(made) => return Ok(Outcome::Made(made)),
                Written::Refused(answer) => match self.begin_another_attempt().await {
                    Ok(()) => refused = Some((condition, answer)),
                    Err(end) => return Err(self.gave_up(end, answer)),
                },
            }
        }
    }

    /// Writes a change of what was read before. A 412 is an error.
    pub(super) async fn save(mut self, seen: Seen, change: Change) -> Result<Outcome, Error> {
        let write = request::write(&self.target, &self.settings, &seen, &change);
        let Some((_, write)) = write.map_err(|reason| reason.into_error(self.take_tried()))? else {
            return Ok(Outcome::LeftAlone { seen, tried: self.tried });
        };
        match self.write(write, false).await? {
            Written::Made(made) => Ok(Outcome::Made(made)),
            Written::Refused(answer) => Err(self.gave_up(End::Attempts, answer)),
        }
    }

    fn gave_up<E>(self, end: End, conflict: Conflict) -> Error<E> {
        let tried = self.tried;
        match end {
            _ if tried.may_be_made => Error::OutcomeUnknown { source: None, tried },
            End::Attempts => Error::Conflict { conflict: Box::new(conflict), tried },
            End::Deadline => Error::DeadlinePassed { tried },
        }
    }

    /// Reads until an answer arrives. `anew` is true if what a cache holds is known to be old.
    pub(super) async fn read<E>(&mut self, anew: bool) -> Result<Seen, Error<E>> {
        let read = request::read(&self.target, &self.settings, anew);
        loop {
            self.tried.reads += 1;
            let source = match self.send(read.clone()).await {
                Sent::Answered(answer) => {
                    self.tried.last = Some(answer.clone());
                    let seen = Seen::from_response(&self.target, answer);
                    return seen.ok_or_else(|| Error::Status { tried: self.take_tried() });
                }
                Sent::Lost(source) => {
                    self.tried.lost += 1;
                    source
                }
                Sent::Unready(source) => source,
                Sent::TooLong(source) => return Err(Error::Unreachable { source, tried: self.take_tried() }),
            };
            self.begin_another_attempt().await.map_err(|end| self.unanswered(end, source))?;
        }
    }

    /// Writes until an answer arrives. Every repeat is the same request: same id, same condition, same content.
    ///
    /// `asks_again` tells whether a conflict after a lost answer is a conflict like others.
    async fn write<E>(&mut self, write: Prepared, asks_again: bool) -> Result<Written, Error<E>> {
        self.tried.write_id = write.headers.get(&self.settings.write_id).cloned();
        let was_known = !self.tried.may_be_made;
        let began = Instant::now();
        let mut lost = false;
        loop {
            self.tried.writes += 1;
            let source = match self.send(write.clone()).await {
                Sent::Answered(answer) if says_made(answer.status()) => {
                    self.tried.may_be_made = !was_known;
                    let current = stored(&write, &answer);
                    self.tried.last = Some(answer);
                    return Ok(Written::Made(Made { tried: self.take_tried(), current }));
                }
                Sent::Answered(answer) => {
                    if lost && self.record_tells(&write, began, answer.status()) {
                        lost = false;
                        self.tried.may_be_made = !was_known;
                    }
                    return self.refused(answer, lost, asks_again);
                }
                Sent::Lost(source) => {
                    lost = true;
                    self.tried.lost += 1;
                    self.tried.may_be_made = true;
                    source
                }
                Sent::Unready(source) | Sent::TooLong(source) => source,
            };
            if let Err(end) = self.begin_another_attempt().await {
                return Err(match lost {
                    true => Error::OutcomeUnknown { source: Some(source), tried: self.take_tried() },
                    false => self.unanswered(end, source),
                });
            }
        }
    }

    /// Returns whether the server's record says that this write was not made, although an answer was lost.
    ///
    /// Only If-Match counts: a record knows no write that a date alone ties to a state, and a resource can be absent
    /// twice. WebDAV's If can be false before the record is looked at.
    fn record_tells(&self, write: &Prepared, began: Instant, status: StatusCode) -> bool {
        status == StatusCode::PRECONDITION_FAILED
            && began.elapsed() < self.settings.records_kept_for
            && write.headers.contains_key(header::IF_MATCH)
            && !write.headers.contains_key("if")
    }

    /// Judges an answer that is no success. After a lost answer it tells nothing about the first request.
    fn refused<E>(
        &mut self,
        answer: Response<Bytes>,
        lost: bool,
        asks_again: bool,
    ) -> Result<Written, Error<E>> {
        let status = answer.status();
        let is_conflict = status == StatusCode::PRECONDITION_FAILED;
        self.tried.conflicts += u32::from(is_conflict);
        self.tried.may_be_made |= status.is_server_error() || status.is_success();
        let reads_again = match lost {
            // A DELETE that was made makes its repeat a 404.
            true => asks_again && (is_conflict || says_nothing_exists(status)),
            false => is_conflict,
        };
        let conflict = reads_again.then(|| Conflict::from_response(&answer));
        let accepted = (status == StatusCode::PRECONDITION_REQUIRED)
            .then(|| problem::required(answer.headers(), answer.body()));
        self.tried.last = Some(answer);
        match (conflict, accepted) {
            (Some(conflict), _) => Ok(Written::Refused(conflict)),
            (None, _) if lost => Err(Error::OutcomeUnknown { source: None, tried: self.take_tried() }),
            (None, Some(accepted)) => Err(Error::ConditionRequired { accepted, tried: self.take_tried() }),
            (None, None) => Err(Error::Status { tried: self.take_tried() }),
        }
    }

    fn unanswered<E>(&mut self, end: End, source: BoxError) -> Error<E> {
        match end {
            End::Attempts => Error::Unreachable { source, tried: self.take_tried() },
            End::Deadline => Error::DeadlinePassed { tried: self.take_tried() },
        }
    }

    /// Waits before another attempt, if the bounds allow one.
    async fn begin_another_attempt(&mut self) -> Result<(), End> {
        self.attempts_left = self.attempts_left.checked_sub(1).ok_or(End::Attempts)?;
        let now = Instant::now();
        let wait = self.backoff.next(now - self.attempt_began);
        if self.deadline.is_some_and(|deadline| now + wait >= deadline) {
            return Err(End::Deadline);
        }
        sleep(wait).await;
        self.attempt_began = Instant::now();
        Ok(())
    }

    async fn send(&mut self, prepared: Prepared) -> Sent {
        self.tried.method = prepared.method.clone();
        let is_write = prepared.method != Method::GET;
        let until = self.answer_until();
        // A clone for each request: a service that failed to become ready may never be.
        let mut service = self.service.clone();
        match timeout_at(until, poll_fn(|context| service.poll_ready(context))).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Sent::Unready(error.into()),
            Err(elapsed) => return Sent::Unready(elapsed.into()),
        }
        let response = match timeout_at(until, service.call(prepared.into_request())).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Sent::Lost(error.into()),
            Err(elapsed) => return Sent::Lost(elapsed.into()),
        };
        let (head, body) = response.into_parts();
        let body = Limited::new(body, self.settings.longest_content);
        let content: Result<Result<_, BoxError>, Elapsed> = timeout_at(until, body.collect()).await;
        match content {
            Ok(Ok(content)) => Sent::Answered(Response::from_parts(head, content.to_bytes())),
            // The status says what became of a write, also if the rest of its answer is lost.
            _ if is_write => Sent::Answered(Response::from_parts(head, Bytes::new())),
            Ok(Err(error)) if error.is::<LengthLimitError>() => Sent::TooLong(error),
            Ok(Err(error)) => Sent::Lost(error),
            Err(elapsed) => Sent::Lost(elapsed.into()),
        }
    }

    /// Returns when an answer that is asked for now counts as lost.
    fn answer_until(&self) -> Instant {
        let now = Instant::now();
        let until = now.checked_add(self.settings.answer_timeout).unwrap_or(now + A_YEAR);
        self.deadline.map_or(until, |deadline| deadline.min(until))
    }

    /// Takes the record, at the end of the call.
    fn take_tried(&mut self) -> Box<Tried> {
        let empty = Box::new(Tried::new(self.target.uri().clone()));
        std::mem::replace(&mut self.tried, empty)
    }
}

/// Returns whether the server made the write, or promised to. A 207 of WebDAV can hold refusals.
fn says_made(status: StatusCode) -> bool {
    status.is_success() && status != StatusCode::MULTI_STATUS
}

const A_YEAR: Duration = Duration::from_secs(365 * 24 * 3600);

/// Returns what is there after a write, if its answer says so.
///
/// A success to PUT carries a validator only if the server stored the content as it was sent (RFC 9110 §9.3.4).
/// A 202 says that it is not stored yet.
fn stored(write: &Prepared, answer: &Response<Bytes>) -> Option<Seen> {
    let is_stored = write.method == Method::PUT
        && matches!(answer.status(), StatusCode::OK | StatusCode::CREATED | StatusCode::NO_CONTENT);
    let etag = is_stored.then(|| answer.headers().get(header::ETAG)).flatten()?;
    let mut headers = HeaderMap::new();
    headers.insert(header::ETAG, etag.clone());
    Some(Seen::existing(write.uri.clone(), headers, write.content.clone())).filter(has_etag)
}

fn has_etag(seen: &Seen) -> bool {
    seen.validators().is_some_and(|validators| validators.etag().is_some())
}
