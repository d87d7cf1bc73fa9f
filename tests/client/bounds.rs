//! Attempts and time are bounded, and a call can be dropped at any time.

use std::{num::NonZeroU32, time::Duration};

use tokio::time::{Instant, timeout};
use tower_precondition::client::{Change, Error, Seen};

use super::script::{
    Reply::{Lost, Never},
    Script, found, status, target,
};

fn replace(_: &Seen) -> Result<Change, &'static str> {
    Ok(Change::replace("x"))
}

const ATTEMPTS: NonZeroU32 = NonZeroU32::new(4).unwrap();

#[tokio::test(start_paused = true)]
async fn silence_ends_after_the_attempts() {
    let script = Script::of([Never, Never, Never, Never]);
    let start = Instant::now();
    let client = script.client().with_attempts(ATTEMPTS).with_answer_timeout(Duration::from_secs(10));
    let error = client.change(&target(), replace).await.unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
    // Four answers of ten seconds, and waits of at most two, four and five seconds.
    assert!((40..=51).contains(&start.elapsed().as_secs()), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_deadline_ends_a_read() {
    let script = Script::of([Never]);
    let start = Instant::now();
    let client = script.client().with_deadline(Duration::from_secs(3));
    let error = client.change(&target(), replace).await.unwrap_err();
    assert!(matches!(error, Error::DeadlinePassed { .. }), "{error:?}");
    assert!(!error.change_may_be_made());
    assert_eq!(start.elapsed().as_secs(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_during_a_write_leaves_its_outcome_unknown() {
    let script = Script::of([found("\"1\"", "a"), Never]);
    let start = Instant::now();
    let client = script.client().with_deadline(Duration::from_secs(3));
    let error = client.change(&target(), replace).await.unwrap_err();
    assert!(matches!(error, Error::OutcomeUnknown { .. }), "{error:?}");
    assert!(error.change_may_be_made());
    assert_eq!(start.elapsed().as_secs(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_after_a_412_says_that_nothing_was_made() {
    let script = Script::of([found("\"1\"", "a"), status(412)]);
    let client = script.client().with_deadline(Duration::from_millis(1));
    let error = client.change(&target(), replace).await.unwrap_err();
    assert!(matches!(error, Error::DeadlinePassed { .. }), "{error:?}");
    assert_eq!(error.last_answer().unwrap().status(), 412);
    assert!(!error.change_may_be_made());
}

#[tokio::test(start_paused = true)]
async fn no_wait_is_longer_than_the_longest() {
    let script = Script::of(vec![Lost; 20]);
    let start = Instant::now();
    let client = script.client().with_attempts(NonZeroU32::new(20).unwrap());
    let client = client.with_longest_wait(Duration::from_millis(10));
    client.change(&target(), replace).await.unwrap_err();
    assert!(start.elapsed() <= Duration::from_millis(19 * 11), "{:?}", start.elapsed());
    assert!(start.elapsed() >= Duration::from_millis(10), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_dropped_call_sends_nothing_more() {
    let script = Script::of([found("\"1\"", "a"), Lost, status(204)]);
    let call = script.client().change(&target(), replace);
    // It is dropped while it waits before the second attempt.
    timeout(Duration::from_micros(100), call).await.unwrap_err();
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(script.shown(), ["GET", "PUT If-Match: \"1\""]);
}
