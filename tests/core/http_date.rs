//! Compares `HttpDate` with the `httpdate` crate, whose calendar starts in 1970.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use proptest::prelude::{ProptestConfig, prop_assert_eq, proptest};
use tower_precondition::HttpDate;

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rule_53_httpdate_writes_and_reads_the_same_dates(seconds in 0..=HttpDate::MAX.unix_seconds()) {
        let time: SystemTime = UNIX_EPOCH + Duration::from_secs(seconds.unsigned_abs());
        let theirs = httpdate::fmt_http_date(time);
        let ours = HttpDate::from_unix_seconds(seconds)?;
        prop_assert_eq!(ours.to_string(), &*theirs);
        prop_assert_eq!(theirs.parse::<HttpDate>()?, ours);
    }
}

#[test]
fn rule_53_httpdate_writes_the_same_day_for_800_years() {
    const DAY: u64 = 86_400;
    for day in 0..2 * 146_097 {
        let time = UNIX_EPOCH + Duration::from_secs(day * DAY + day % DAY);
        let ours = HttpDate::try_from(time).expect("the years 1970 to 2770");
        assert_eq!(ours.to_string(), httpdate::fmt_http_date(time));
    }
}
