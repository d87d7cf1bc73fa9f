use std::{
    error, fmt,
    str::FromStr,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use http::HeaderValue;

/// A time in whole seconds, as HTTP writes it, from year 0 to year 9999.
///
/// Reads the three formats of [RFC 9110 §5.6.7] and writes the one that is to be
/// sent, the IMF-fixdate.
///
/// | format | example | is read | is written |
/// |---|---|---|---|
/// | IMF-fixdate | `Sun, 06 Nov 1994 08:49:37 GMT` | yes | yes |
/// | RFC 850 | `Sunday, 06-Nov-94 08:49:37 GMT` | yes | no |
/// | asctime | `Sun Nov  6 08:49:37 1994` | yes | no |
///
/// A second of `60` is read as the first second after it. A year of two digits is
/// the last one so written that is not more than 50 years ahead of now; it is the
/// one thing for which a clock is read, and [`parse_at`](Self::parse_at) takes
/// the time instead.
///
/// [RFC 9110 §5.6.7]: https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7
///
/// # Example
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
/// use tower_precondition::HttpDate;
///
/// let date: HttpDate = "Sunday, 06-Nov-94 08:49:37 GMT".parse()?;
/// assert_eq!(date.to_string(), "Sun, 06 Nov 1994 08:49:37 GMT");
///
/// // Sub-seconds are floored, before 1970 too.
/// let before = HttpDate::try_from(UNIX_EPOCH - Duration::from_millis(1))?;
/// assert_eq!(before.to_string(), "Wed, 31 Dec 1969 23:59:59 GMT");
/// # Ok::<(), tower_precondition::InvalidHttpDate>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HttpDate(i64);

/// Seconds in the 400 years after which the calendar and its weekdays repeat.
const CYCLE: i64 = 146_097 * 86_400;
/// Enough cycles to lift any year below 1970 into the range of `httpdate`.
const LIFTED_CYCLES: i64 = 5;
/// The same in years.
const LIFTED_YEARS: u32 = 2_000;

impl HttpDate {
    /// The first second of year 0.
    ///
    /// ```
    /// # use tower_precondition::HttpDate;
    /// assert_eq!(HttpDate::MIN.to_string(), "Sat, 01 Jan 0000 00:00:00 GMT");
    /// ```
    pub const MIN: Self = Self(-62_167_219_200);

    /// The last second of year 9999.
    ///
    /// ```
    /// # use tower_precondition::HttpDate;
    /// assert_eq!(HttpDate::MAX.to_string(), "Fri, 31 Dec 9999 23:59:59 GMT");
    /// ```
    pub const MAX: Self = Self(253_402_300_799);

    /// Takes seconds since 1970-01-01T00:00:00Z; earlier times are negative.
    ///
    /// # Errors
    ///
    /// If the year does not lie between 0 and 9999.
    ///
    /// ```
    /// # use tower_precondition::HttpDate;
    /// assert_eq!(HttpDate::from_unix_seconds(0)?.to_string(), "Thu, 01 Jan 1970 00:00:00 GMT");
    /// assert!(HttpDate::from_unix_seconds(i64::MAX).is_err());
    /// # Ok::<(), tower_precondition::InvalidHttpDate>(())
    /// ```
    pub const fn from_unix_seconds(seconds: i64) -> Result<Self, InvalidHttpDate> {
        if seconds < Self::MIN.0 || seconds > Self::MAX.0 {
            return Err(InvalidHttpDate::OutOfRange);
        }
        Ok(Self(seconds))
    }

    /// Seconds since 1970-01-01T00:00:00Z; earlier times are negative.
    ///
    /// ```
    /// # use tower_precondition::HttpDate;
    /// let date: HttpDate = "Thu, 01 Jan 1970 00:01:00 GMT".parse()?;
    /// assert_eq!(date.unix_seconds(), 60);
    /// # Ok::<(), tower_precondition::InvalidHttpDate>(())
    /// ```
    #[must_use]
    pub const fn unix_seconds(self) -> i64 {
        self.0
    }

    /// Reads any of the three formats, with `now` deciding the century of a two-digit year.
    ///
    /// # Errors
    ///
    /// If the text is none of the three formats, or names a day that does not
    /// exist, a time that does not, or a weekday that is not that day's.
    ///
    /// ```
    /// # use tower_precondition::HttpDate;
    /// let now = "Thu, 01 Jan 2026 00:00:00 GMT".parse()?;
    /// let text = b"Wednesday, 01-Jan-76 00:00:00 GMT";
    /// assert_eq!(HttpDate::parse_at(text, now)?.to_string(), "Wed, 01 Jan 2076 00:00:00 GMT");
    /// assert!(HttpDate::parse_at(b"yesterday", now).is_err());
    /// # Ok::<(), tower_precondition::InvalidHttpDate>(())
    /// ```
    pub fn parse_at(text: &[u8], now: Self) -> Result<Self, InvalidHttpDate> {
        Self::parse(text, || now)
    }

    pub(crate) fn parse(text: &[u8], now: impl FnOnce() -> Self) -> Result<Self, InvalidHttpDate> {
        let text = text.trim_ascii();
        let seconds = match text {
            [_, _, _, b',', ..] => <&[u8; 29]>::try_from(text).ok().and_then(|text| imf_fixdate(*text)),
            [_, _, _, b' ', ..] => asctime(text),
            _ => rfc_850(text, now),
        };
        seconds.and_then(|seconds| Self::from_unix_seconds(seconds).ok()).ok_or(InvalidHttpDate::NotADate)
    }

    /// The time now; a clock beyond the range counts as its nearer end.
    pub(crate) fn now() -> Self {
        let now = SystemTime::now();
        Self::try_from(now).unwrap_or(if now < UNIX_EPOCH { Self::MIN } else { Self::MAX })
    }

    /// Whether the date lies at least two seconds before `now`, so that its second is surely over.
    pub(crate) fn is_settled_at(self, now: Self) -> bool {
        self.0 <= now.0 - 2
    }

    /// The IMF-fixdate.
    pub(crate) fn to_bytes(self) -> [u8; 29] {
        let lifted = if self.0 < 0 { self.0 + LIFTED_CYCLES * CYCLE } else { self.0 };
        // Never negative now: `MIN` lies less than five cycles before 1970.
        let time = UNIX_EPOCH + Duration::from_secs(lifted.unsigned_abs());
        let mut text = Text { bytes: [b' '; 29], end: 0 };
        fmt::write(&mut text, format_args!("{}", httpdate::HttpDate::from(time)))
            .expect("an IMF-fixdate has 29 octets");
        if self.0 < 0 {
            shift_year(&mut text.bytes, |year| year.checked_sub(LIFTED_YEARS));
        }
        text.bytes
    }

    pub(crate) fn to_header_value(self) -> HeaderValue {
        HeaderValue::from_bytes(&self.to_bytes()).expect("an IMF-fixdate is a valid field value")
    }
}

/// A buffer for one IMF-fixdate, so that formatting does not allocate.
struct Text {
    bytes: [u8; 29],
    end: usize,
}

impl fmt::Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.end + text.len();
        let place = self.bytes.get_mut(self.end..end).ok_or(fmt::Error)?;
        place.copy_from_slice(text.as_bytes());
        self.end = end;
        Ok(())
    }
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`, to seconds.
///
/// The calendar is `httpdate`'s. It begins at 1970 and knows no second of 60, so
/// earlier years are read five whole cycles later, and a leap second as the one before.
fn imf_fixdate(mut text: [u8; 29]) -> Option<i64> {
    let mut correction = 0;
    if *year_digits(&mut text) < *b"1970" {
        shift_year(&mut text, |year| year.checked_add(LIFTED_YEARS));
        correction -= LIFTED_CYCLES * CYCLE;
    }
    let [.., tens, ones, _, _, _, _] = &mut text;
    if (*tens, *ones) == (b'6', b'0') {
        (*tens, *ones) = (b'5', b'9');
        correction += 1;
    }
    let time = httpdate::parse_http_date(std::str::from_utf8(&text).ok()?).ok()?;
    let seconds = time.duration_since(UNIX_EPOCH).ok()?.as_secs();
    i64::try_from(seconds).ok()?.checked_add(correction)
}

/// The four octets where an IMF-fixdate has its year.
fn year_digits(text: &mut [u8; 29]) -> &mut [u8; 4] {
    let [_, _, _, _, _, _, _, _, _, _, _, _, year @ .., _, _, _, _, _, _, _, _, _, _, _, _, _] = text;
    year
}

/// Rewrites the year in place; what is not four digits stays, for the parser to refuse.
fn shift_year(text: &mut [u8; 29], shift: impl FnOnce(u32) -> Option<u32>) {
    let digits = year_digits(text);
    if !digits.iter().all(u8::is_ascii_digit) {
        return;
    }
    let year = digits.iter().fold(0, |year, digit| year * 10 + u32::from(digit - b'0'));
    let Some(mut year) = shift(year) else { return };
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (year % 10) as u8;
        year /= 10;
    }
}

/// `Sun Nov  6 08:49:37 1994`, to seconds.
fn asctime(text: &[u8]) -> Option<i64> {
    let (weekday, text) = text.split_first_chunk::<3>()?;
    let (month, text) = text.strip_prefix(b" ")?.split_first_chunk::<3>()?;
    let (day, text) = text.strip_prefix(b" ")?.split_first_chunk::<2>()?;
    let (time, text) = text.strip_prefix(b" ")?.split_first_chunk::<8>()?;
    let year = <&[u8; 4]>::try_from(text.strip_prefix(b" ")?).ok()?;
    let day = match *day {
        [b' ', ones] => [b'0', ones],
        day => day,
    };
    imf_fixdate(fixdate(*weekday, day, *month, *year, *time))
}

/// `Sunday, 06-Nov-94 08:49:37 GMT`, to seconds.
fn rfc_850(text: &[u8], now: impl FnOnce() -> HttpDate) -> Option<i64> {
    const WEEKDAYS: [&[u8]; 7] =
        [b"Monday", b"Tuesday", b"Wednesday", b"Thursday", b"Friday", b"Saturday", b"Sunday"];
    let comma = text.iter().position(|octet| *octet == b',')?;
    let (name, text) = text.split_at_checked(comma)?;
    if !WEEKDAYS.contains(&name) {
        return None;
    }
    let weekday = *name.first_chunk::<3>()?;
    let (day, text) = text.strip_prefix(b", ")?.split_first_chunk::<2>()?;
    let (month, text) = text.strip_prefix(b"-")?.split_first_chunk::<3>()?;
    let (year, text) = text.strip_prefix(b"-")?.split_first_chunk::<2>()?;
    let (time, text) = text.strip_prefix(b" ")?.split_first_chunk::<8>()?;
    if text != b" GMT" || !year.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let date_in = |century: [u8; 2]| {
        let [tens, ones] = *year;
        let [thousands, hundreds] = century;
        fixdate(weekday, *day, *month, [thousands, hundreds, tens, ones], *time)
    };
    let limit = fifty_years_after(now());
    // The last such year that is not more than 50 years ahead (RFC 9110 §5.6.7).
    let newest = (0..100u8)
        .rev()
        .map(|century| date_in([b'0' + century / 10, b'0' + century % 10]))
        .find(|date| calendar_order(date) <= calendar_order(&limit))?;
    imf_fixdate(newest)
}

fn fixdate(weekday: [u8; 3], day: [u8; 2], month: [u8; 3], year: [u8; 4], time: [u8; 8]) -> [u8; 29] {
    let [w1, w2, w3] = weekday;
    let [d1, d2] = day;
    let [m1, m2, m3] = month;
    let [y1, y2, y3, y4] = year;
    let [h1, h2, c1, n1, n2, c2, s1, s2] = time;
    [
        w1, w2, w3, b',', b' ', d1, d2, b' ', m1, m2, m3, b' ', y1, y2, y3, y4, b' ', h1, h2, c1, n1, n2, c2,
        s1, s2, b' ', b'G', b'M', b'T',
    ]
}

/// The same day and time of the year that is 50 years later, whether or not that day exists.
fn fifty_years_after(now: HttpDate) -> [u8; 29] {
    let mut text = now.to_bytes();
    shift_year(&mut text, |year| Some((year + 50).min(9999)));
    text
}

/// What two fixdates are ordered by, without their being valid dates.
fn calendar_order(text: &[u8; 29]) -> ([u8; 4], usize, [u8; 2], [u8; 8]) {
    const MONTHS: [&[u8; 3]; 12] =
        [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];
    let [_, _, _, _, _, d1, d2, _, m1, m2, m3, _, y1, y2, y3, y4, _, time @ .., _, _, _, _] = *text;
    let month = MONTHS.iter().position(|name| **name == [m1, m2, m3]).unwrap_or_default();
    ([y1, y2, y3, y4], month, [d1, d2], time)
}

impl TryFrom<SystemTime> for HttpDate {
    type Error = InvalidHttpDate;

    /// Floors to the whole second.
    fn try_from(time: SystemTime) -> Result<Self, Self::Error> {
        let seconds = match time.duration_since(UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_secs()),
            Err(before) => {
                let before = before.duration();
                let part = u64::from(before.subsec_nanos() > 0);
                i64::try_from(before.as_secs().saturating_add(part)).map(|seconds| -seconds)
            }
        };
        Self::from_unix_seconds(seconds.map_err(|_| InvalidHttpDate::OutOfRange)?)
    }
}

impl FromStr for HttpDate {
    type Err = InvalidHttpDate;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text.as_bytes(), Self::now)
    }
}

impl fmt::Display for HttpDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.to_bytes()).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for HttpDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HttpDate({self})")
    }
}

/// Why a text or a time is not an HTTP date.
///
/// ```
/// use tower_precondition::HttpDate;
///
/// let error = "1994-11-06".parse::<HttpDate>().unwrap_err();
/// assert_eq!(error.to_string(), "expected a date such as `Sun, 06 Nov 1994 08:49:37 GMT`");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidHttpDate {
    /// The text is none of the three formats, or no such day or time exists.
    NotADate,
    /// The time lies before year 0 or after year 9999.
    OutOfRange,
    /// The field has several lines where one date belongs.
    SeveralLines,
}

impl fmt::Display for InvalidHttpDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotADate => "expected a date such as `Sun, 06 Nov 1994 08:49:37 GMT`",
            Self::OutOfRange => "expected a time between year 0 and year 9999",
            Self::SeveralLines => "expected one line with one date, found several lines",
        })
    }
}

impl error::Error for InvalidHttpDate {}
