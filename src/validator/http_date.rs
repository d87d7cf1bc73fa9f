use std::{
    error, fmt,
    str::FromStr,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use http::HeaderValue;

/// A time in whole seconds, from year 0 to year 9999.
///
/// It parses the three formats of [RFC 9110 §5.6.7] and writes the IMF-fixdate, the one that HTTP sends.
///
/// | format | example | parsed | written |
/// |---|---|---|---|
/// | IMF-fixdate | `Sun, 06 Nov 1994 08:49:37 GMT` | yes | yes |
/// | RFC 850 | `Sunday, 06-Nov-94 08:49:37 GMT` | yes | no |
/// | asctime | `Sun Nov  6 08:49:37 1994` | yes | no |
///
/// - A date with the wrong weekday is invalid, and RFC 9110 says to ignore it.
/// - A second of `60` is the first second after it.
/// - A two-digit year is the latest such year that is at most 50 years ahead. Only this reads the clock;
///   [`parse_at`](Self::parse_at) takes the time instead.
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
/// // Fractions of a second are floored, also before 1970.
/// let before = HttpDate::try_from(UNIX_EPOCH - Duration::from_millis(1))?;
/// assert_eq!(before.to_string(), "Wed, 31 Dec 1969 23:59:59 GMT");
/// # Ok::<(), tower_precondition::InvalidHttpDate>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HttpDate(i64);

const SECONDS_PER_DAY: u64 = 86_400;

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

    /// Makes a date of seconds since 1970-01-01T00:00:00Z. Earlier times are negative.
    ///
    /// # Errors
    ///
    /// If the year is not between 0 and 9999.
    ///
    /// ```
    /// # use tower_precondition::HttpDate;
    /// assert_eq!(HttpDate::from_unix_seconds(0)?.to_string(), "Thu, 01 Jan 1970 00:00:00 GMT");
    /// assert!(HttpDate::from_unix_seconds(i64::MAX).is_err());
    /// # Ok::<(), tower_precondition::InvalidHttpDate>(())
    /// ```
    pub const fn from_unix_seconds(seconds: i64) -> Result<Self, InvalidHttpDate> {
        if seconds < Self::MIN.0 || seconds > Self::MAX.0 {
            return Err(InvalidHttpDate::OUT_OF_RANGE);
        }
        Ok(Self(seconds))
    }

    /// Returns the seconds since 1970-01-01T00:00:00Z. Earlier times are negative.
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

    /// Parses any of the three formats. `now` decides the century of a two-digit year.
    ///
    /// # Errors
    ///
    /// If the text has none of the three formats, if the day or time does not exist, or if the weekday is wrong.
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
        // Fast path: what nearly every client sends, without blanks around it.
        let seconds = imf_fixdate(text).or_else(|| match text.trim_ascii() {
            text @ [_, _, _, b',', ..] => imf_fixdate(text),
            text @ [_, _, _, b' ', ..] => asctime(text),
            text => rfc_850(text, now),
        });
        seconds.and_then(|seconds| Self::from_unix_seconds(seconds).ok()).ok_or(InvalidHttpDate::NOT_A_DATE)
    }

    /// Returns the time now. A clock outside the range gives its nearer end.
    pub(crate) fn now() -> Self {
        let now = SystemTime::now();
        Self::try_from(now).unwrap_or(if now < UNIX_EPOCH { Self::MIN } else { Self::MAX })
    }

    /// Returns the date for a Last-Modified that is sent now: at most now (RFC 9110 §8.8.2.1).
    pub(crate) fn not_in_future(self) -> Self {
        self.min(Self::now())
    }

    /// Returns whether the date is settled now, at half the cost of a look at [`now`](Self::now).
    pub(crate) fn is_settled(self) -> bool {
        SystemTime::from(Self(self.0 + 2)) <= SystemTime::now()
    }

    /// Returns whether the date lies at least two seconds before `now`, so that its second is over.
    pub(crate) fn is_settled_at(self, now: Self) -> bool {
        self.0 <= now.0 - 2
    }

    /// Writes the IMF-fixdate.
    pub(crate) fn to_bytes(self) -> [u8; 29] {
        let seconds = self.seconds_since_min();
        let days = (seconds / SECONDS_PER_DAY) as u32;
        let second = (seconds % SECONDS_PER_DAY) as u32;
        let Day { year, month, day } = Day::from_number(days);
        let [w1, w2, w3] = name(&WEEKDAYS, weekday(days));
        let [m1, m2, m3] = name(&MONTHS, month as usize - 1);
        let numbers = [day, 0, 0, 0, year / 100, 0, year % 100, 0];
        let date = digits(numbers, [0x0f, 0, 0, 0, 0x0f, 0, 0x0f, 0], *b"00  0000");
        let [d1, d2, _, _, y1, y2, y3, y4] = date;
        let numbers = [second / 3600, 0, 0, second / 60 % 60, 0, 0, second % 60, 0];
        let time = digits(numbers, [0x0f, 0, 0, 0x0f, 0, 0, 0x0f, 0], *b"00:00:00");
        let [h1, h2, _, n1, n2, _, s1, s2] = time;
        [
            w1, w2, w3, b',', b' ', d1, d2, b' ', m1, m2, m3, b' ', y1, y2, y3, y4, b' ', h1, h2, b':', n1,
            n2, b':', s1, s2, b' ', b'G', b'M', b'T',
        ]
    }

    /// Never negative: no date is before `MIN`.
    fn seconds_since_min(self) -> u64 {
        self.0.abs_diff(Self::MIN.0)
    }

    pub(crate) fn to_header_value(self) -> HeaderValue {
        HeaderValue::from_bytes(&self.to_bytes()).expect("an IMF-fixdate is a valid field value")
    }
}

const WEEKDAYS: [[u8; 3]; 7] = [*b"Mon", *b"Tue", *b"Wed", *b"Thu", *b"Fri", *b"Sat", *b"Sun"];
const MONTHS: [[u8; 3]; 12] = [
    *b"Jan", *b"Feb", *b"Mar", *b"Apr", *b"May", *b"Jun", *b"Jul", *b"Aug", *b"Sep", *b"Oct", *b"Nov",
    *b"Dec",
];
/// The names and numbers of the months, each at the sum of its last two letters: no two have the same, modulo 32.
#[expect(clippy::indexing_slicing, reason = "an index out of range would not compile")]
const MONTHS_BY_SUM: [([u8; 3], u32); 32] = {
    let mut table = [([0; 3], 0); 32];
    let mut month = 0;
    while month < MONTHS.len() {
        let [_, second, third] = MONTHS[month];
        table[(second + third) as usize % 32] = (MONTHS[month], month as u32 + 1);
        month += 1;
    }
    table
};

/// A day of the proleptic Gregorian calendar.
///
/// The arithmetic is our own: the `httpdate` crate starts at 1970, and takes at least three times the instructions.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Day {
    year: u32,
    /// 1 to 12.
    month: u32,
    /// 1 to 31.
    day: u32,
}

impl Day {
    /// Days in the 400 years after which the calendar repeats.
    const CYCLE: u32 = 146_097;
    /// Days from 1 March, 400 years before year 0, to the first day of year 0. Years start in March, so that
    /// a leap day is the last day, and so early that no number is negative.
    const BEFORE: u32 = Self::CYCLE - 60;

    /// Returns the day that is `number` days after the first of year 0.
    fn from_number(number: u32) -> Self {
        // The algorithm of Neri and Schneider, "Euclidean affine functions and their application to calendar algorithms"
        // (2022): few divisions, all of them by constants.
        let quarters = 4 * (number + Self::BEFORE) + 3;
        let (century, quarters) = (quarters / Self::CYCLE, (quarters % Self::CYCLE) | 3);
        let product = u64::from(quarters) * 2_939_745;
        let year_of_century = (product >> 32) as u32;
        let day_of_year = product as u32 / 2_939_745 / 4;
        let months = 2_141 * day_of_year + 197_913;
        let (month_from_march, day) = (months >> 16, months % (1 << 16) / 2_141 + 1);
        let next_year = day_of_year >= 306;
        let month = if next_year { month_from_march - 12 } else { month_from_march };
        let year = 100 * century + year_of_century + u32::from(next_year) - 400;
        Self { year, month, day }
    }

    /// Returns the number of days after the first of year 0, if the day exists.
    fn number(self) -> Option<u32> {
        let Self { year, month, day } = self;
        let month_from_march = if month > 2 { month - 3 } else { month + 9 };
        let year_from_march = year + 400 - u32::from(month <= 2);
        let day_of_year = ((153 * month_from_march + 2) / 5 + day).checked_sub(1)?;
        let leap_days = year_from_march / 4 - year_from_march / 100 + year_from_march / 400;
        let number = (365 * year_from_march + leap_days + day_of_year).checked_sub(Self::BEFORE)?;
        let exists = (1..=28).contains(&day) || Self::from_number(number) == self;
        exists.then_some(number)
    }
}

/// Returns the weekday; 0 is Monday. The first day of year 0 is a Saturday.
fn weekday(day_number: u32) -> usize {
    ((day_number + 5) % 7) as usize
}

/// Returns the name at `index`, which every caller keeps within the table.
fn name<const N: usize>(names: &[[u8; 3]; N], index: usize) -> [u8; 3] {
    names.get(index).copied().unwrap_or(*b"???")
}

/// Returns the number of a month, 1 to 12.
fn month_number(text: [u8; 3]) -> Option<u32> {
    let [_, second, third] = text;
    let (name, number) = MONTHS_BY_SUM.get(usize::from(second.wrapping_add(third) % 32))?;
    (*name == text).then_some(*number)
}

/// Writes numbers below 100 into a text at once: each where its first digit stands, which `places` has as `0x0f`.
fn digits(numbers: [u32; 8], places: [u8; 8], text: [u8; 8]) -> [u8; 8] {
    let numbers = u64::from_le_bytes(numbers.map(|number| number as u8));
    // A tenth is 103 of 1,024, and no product reaches the next number.
    let tens = ((numbers * 103) >> 10) & u64::from_le_bytes(places);
    let ones = numbers - tens * 10;
    (u64::from_le_bytes(text) + (tens | (ones << 8))).to_le_bytes()
}

fn number(digits: [u8; 2]) -> Option<u32> {
    let [tens, ones] = digits.map(|digit| digit.wrapping_sub(b'0'));
    (tens < 10 && ones < 10).then(|| u32::from(tens) * 10 + u32::from(ones))
}

/// Reads all numbers of two digits in a text at once: each stands where its first digit was.
///
/// `zeros` is a text with the same separators, and a `0` for each digit. `limits` has the largest value of each digit,
/// and 0 for each separator.
fn pairs(text: [u8; 8], zeros: [u8; 8], limits: [u8; 8]) -> Option<[u32; 8]> {
    let values = u64::from_le_bytes(text) ^ u64::from_le_bytes(zeros);
    // The addition sets the high bit of an octet that is above its limit, if it was not set.
    let above = values | values.wrapping_add(u64::from_le_bytes([0x7f; 8]) - u64::from_le_bytes(limits));
    if above & u64::from_le_bytes([0x80; 8]) != 0 {
        return None;
    }
    Some((values * 10 + (values >> 8)).to_le_bytes().map(u32::from))
}

/// Parses `08:49:37`.
fn second_of_day(text: [u8; 8]) -> Option<u32> {
    let pairs = pairs(text, *b"00:00:00", [2, 9, 0, 5, 9, 0, 6, 9])?;
    let [hour, _, _, minute, _, _, second, _] = pairs;
    // The grammar has a second of 60: the first second of the next minute.
    (hour < 24 && second <= 60).then_some(hour * 3600 + minute * 60 + second)
}

/// Returns the seconds since 1970, if the day exists and has this weekday.
fn seconds(weekday_name: [u8; 3], day: Day, second_of_day: u32) -> Option<i64> {
    let number = day.number()?;
    let valid = name(&WEEKDAYS, weekday(number)) == weekday_name;
    valid.then(|| HttpDate::MIN.0 + i64::from(number) * SECONDS_PER_DAY as i64 + i64::from(second_of_day))
}

/// The parts that the two obsolete formats share, as text.
struct Parts {
    weekday: [u8; 3],
    day: [u8; 2],
    month: [u8; 3],
    time: [u8; 8],
}

impl Parts {
    /// Returns the seconds since 1970, if the day, weekday and time exist in that year.
    fn seconds_in(&self, year: u32) -> Option<i64> {
        let day = Day { year, month: month_number(self.month)?, day: number(self.day)? };
        seconds(self.weekday, day, second_of_day(self.time)?)
    }
}

/// Parses `Sun, 06 Nov 1994 08:49:37 GMT` to seconds.
fn imf_fixdate(text: &[u8]) -> Option<i64> {
    let [w1, w2, w3, b',', b' ', d1, d2, b3, m1, m2, m3, b4, y1, y2, y3, y4, b' ', time @ .., b5, g, m, t] =
        *<&[u8; 29]>::try_from(text).ok()?
    else {
        return None;
    };
    if [b5, g, m, t] != *b" GMT" {
        return None;
    }
    let date = [d1, d2, b3, b4, y1, y2, y3, y4];
    let [day, _, _, _, century, _, year, _] = pairs(date, *b"00  0000", [3, 9, 0, 0, 9, 9, 9, 9])?;
    let day = Day { year: century * 100 + year, month: month_number([m1, m2, m3])?, day };
    seconds([w1, w2, w3], day, second_of_day(time)?)
}

/// Parses `Sun Nov  6 08:49:37 1994` to seconds.
fn asctime(text: &[u8]) -> Option<i64> {
    let [w1, w2, w3, b' ', m1, m2, m3, b' ', d1, d2, b' ', time @ .., b' ', y1, y2, y3, y4] =
        *<&[u8; 24]>::try_from(text).ok()?
    else {
        return None;
    };
    let d1 = if d1 == b' ' { b'0' } else { d1 };
    let parts = Parts { weekday: [w1, w2, w3], day: [d1, d2], month: [m1, m2, m3], time };
    parts.seconds_in(number([y1, y2])? * 100 + number([y3, y4])?)
}

/// Parses `Sunday, 06-Nov-94 08:49:37 GMT` to seconds.
fn rfc_850(text: &[u8], now: impl FnOnce() -> HttpDate) -> Option<i64> {
    const WEEKDAYS: [&[u8]; 7] =
        [b"Monday", b"Tuesday", b"Wednesday", b"Thursday", b"Friday", b"Saturday", b"Sunday"];
    let comma = text.iter().position(|octet| *octet == b',')?;
    let (weekday, text) = text.split_at_checked(comma)?;
    if !WEEKDAYS.contains(&weekday) {
        return None;
    }
    let [b',', b' ', d1, d2, b'-', m1, m2, m3, b'-', y1, y2, b' ', time @ .., b' ', b'G', b'M', b'T'] =
        *<&[u8; 24]>::try_from(text).ok()?
    else {
        return None;
    };
    let parts = Parts { weekday: *weekday.first_chunk()?, day: [d1, d2], month: [m1, m2, m3], time };
    parts.seconds_in(full_year(number([y1, y2])?, &parts, now())?)
}

/// Returns the latest such year in which the date is at most 50 years ahead (RFC 9110 §5.6.7).
fn full_year(two_digits: u32, parts: &Parts, now: HttpDate) -> Option<u32> {
    let today = Day::from_number((now.seconds_since_min() / SECONDS_PER_DAY) as u32);
    let limit = today.year + 50;
    let year = limit.checked_sub((limit + 100 - two_digits) % 100)?;
    let too_late = year > 9999
        || year == limit && {
            // In the last year of the span, the day and the time decide.
            let [_, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, time @ .., _, _, _, _] = now.to_bytes();
            (month_number(parts.month)?, number(parts.day)?, parts.time) > (today.month, today.day, time)
        };
    if too_late { year.checked_sub(100) } else { Some(year) }
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
        Self::from_unix_seconds(seconds.map_err(|_| InvalidHttpDate::OUT_OF_RANGE)?)
    }
}

/// Converts to the start of that second.
///
/// A platform whose clock cannot hold an early date gives its earliest time: Windows begins in 1601.
///
/// ```
/// use std::time::{Duration, SystemTime, UNIX_EPOCH};
/// use tower_precondition::HttpDate;
///
/// let date: HttpDate = "Wed, 31 Dec 1969 23:59:59 GMT".parse()?;
/// assert_eq!(SystemTime::from(date), UNIX_EPOCH - Duration::from_secs(1));
/// # Ok::<(), tower_precondition::InvalidHttpDate>(())
/// ```
impl From<HttpDate> for SystemTime {
    fn from(date: HttpDate) -> Self {
        /// From 1601 to 1970.
        const WINDOWS: Duration = Duration::from_secs(11_644_473_600);
        let distance = Duration::from_secs(date.0.unsigned_abs());
        let time = match date.0 < 0 {
            true => UNIX_EPOCH.checked_sub(distance).or_else(|| UNIX_EPOCH.checked_sub(WINDOWS)),
            false => UNIX_EPOCH.checked_add(distance),
        };
        time.unwrap_or(UNIX_EPOCH)
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

/// The error for a text or a time that is not an HTTP date.
///
/// ```
/// use tower_precondition::HttpDate;
///
/// let error = "1994-11-06".parse::<HttpDate>().unwrap_err();
/// assert_eq!(error.to_string(), "expected a date such as `Sun, 06 Nov 1994 08:49:37 GMT`");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidHttpDate(Kind);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    NotADate,
    OutOfRange,
    SeveralLines,
}

impl InvalidHttpDate {
    /// The text is in none of the three formats, or the day or time does not exist.
    const NOT_A_DATE: Self = Self(Kind::NotADate);
    /// The time lies before year 0 or after year 9999.
    const OUT_OF_RANGE: Self = Self(Kind::OutOfRange);
    /// The field has several lines, and one date belongs there.
    pub(crate) const SEVERAL_LINES: Self = Self(Kind::SeveralLines);

    /// Returns whether the field has several lines, where one date belongs.
    #[must_use]
    pub fn is_several_lines(&self) -> bool {
        self.0 == Kind::SeveralLines
    }
}

impl fmt::Display for InvalidHttpDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Kind::NotADate => "expected a date such as `Sun, 06 Nov 1994 08:49:37 GMT`",
            Kind::OutOfRange => "expected a time between year 0 and year 9999",
            Kind::SeveralLines => "expected one line with one date, found several lines",
        })
    }
}

impl error::Error for InvalidHttpDate {}
