/// A moment of the proleptic Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Civil {
    /// 0 to 9999 in an HTTP-date.
    pub year: i64,
    /// 1 to 12.
    pub month: usize,
    /// 1 to 31.
    pub day: i64,
    /// 0 to 23.
    pub hour: i64,
    /// 0 to 59.
    pub minute: i64,
    /// 0 to 59, and 60 as it is written in a date.
    pub second: i64,
    /// 0 is Sunday.
    pub weekday: usize,
}

const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_of_year(year: i64) -> i64 {
    if is_leap(year) { 366 } else { 365 }
}

fn days_of_month(year: i64, month: usize) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Counts the seconds from 1970 to a moment, one year and one month at a time.
pub fn seconds_of(year: i64, month: usize, day: i64, hour: i64, minute: i64, second: i64) -> i64 {
    let mut days = 0;
    for earlier in 1970..year {
        days += days_of_year(earlier);
    }
    for later in year..1970 {
        days -= days_of_year(later);
    }
    for earlier in 1..month {
        days += days_of_month(year, earlier);
    }
    days += day - 1;
    ((days * 24 + hour) * 60 + minute) * 60 + second
}

/// Counts back from seconds since 1970 to the moment.
pub fn civil(seconds: i64) -> Civil {
    let mut days = seconds.div_euclid(86_400);
    let second_of_day = seconds.rem_euclid(86_400);
    // 1 January 1970 is a Thursday.
    let weekday = usize::try_from((days + 4).rem_euclid(7)).expect("a remainder of seven is small");
    let mut year = 1970;
    while days < 0 {
        year -= 1;
        days += days_of_year(year);
    }
    while days >= days_of_year(year) {
        days -= days_of_year(year);
        year += 1;
    }
    let mut month = 1;
    while days >= days_of_month(year, month) {
        days -= days_of_month(year, month);
        month += 1;
    }
    Civil {
        year,
        month,
        day: days + 1,
        hour: second_of_day / 3600,
        minute: second_of_day / 60 % 60,
        second: second_of_day % 60,
        weekday,
    }
}

/// Writes `Sun, 06 Nov 1994 08:49:37 GMT`.
pub fn imf_fixdate(seconds: i64) -> String {
    let Civil { year, month, day, hour, minute, second, weekday } = civil(seconds);
    let (weekday, month) = (&DAYS[weekday][..3], MONTHS[month - 1]);
    format!("{weekday}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} GMT")
}

/// Writes `Sunday, 06-Nov-94 08:49:37 GMT`.
pub fn rfc850(seconds: i64) -> String {
    let Civil { year, month, day, hour, minute, second, weekday } = civil(seconds);
    let (weekday, month, year) = (DAYS[weekday], MONTHS[month - 1], year.rem_euclid(100));
    format!("{weekday}, {day:02}-{month}-{year:02} {hour:02}:{minute:02}:{second:02} GMT")
}

/// Writes `Sun Nov  6 08:49:37 1994`.
pub fn asctime(seconds: i64) -> String {
    let Civil { year, month, day, hour, minute, second, weekday } = civil(seconds);
    let (weekday, month) = (&DAYS[weekday][..3], MONTHS[month - 1]);
    format!("{weekday} {month} {day:>2} {hour:02}:{minute:02}:{second:02} {year:04}")
}

/// Reads an HTTP-date in any of its three formats (§5.6.7), to seconds since 1970.
///
/// It picks the numbers and the month out of the text, whatever surrounds them, and then writes that
/// moment in each format. If none of them gives the text again, the text is not a date.
pub fn parse_date(text: &[u8], now: i64) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?;
    let numbers: Vec<i64> = text
        .split(|letter: char| !letter.is_ascii_digit())
        .filter(|digits| !digits.is_empty())
        .map(|digits| digits.parse().ok().filter(|number| *number <= 9999))
        .collect::<Option<_>>()?;
    let &[first, second, third, fourth, fifth] = numbers.as_slice() else { return None };
    let month = 1 + MONTHS.iter().position(|name| text.contains(name))?;

    // Without a comma it is asctime, whose year comes last.
    let has_comma = text.contains(',');
    let (day, [year, hour, minute, second]) = match has_comma {
        true => (first, [second, third, fourth, fifth]),
        false => (first, [fifth, second, third, fourth]),
    };
    let year = match text.contains('-') {
        true => full_year(Civil { year, month, day, hour, minute, second, weekday: 0 }, now)?,
        false => year,
    };

    // A second of 60 is in the grammar. It is the second after 59 (rule 53).
    let leap = second == 60;
    let written = if leap { text.replacen(":60", ":59", 1) } else { text.to_owned() };
    let before = seconds_of(year, month, day, hour, minute, second - i64::from(leap));
    // asctime may write the day with a space or with a zero in front.
    let with_zero = asctime(before).replacen("  ", " 0", 1);
    let formats = [imf_fixdate(before), rfc850(before), asctime(before), with_zero];
    let seconds = before + i64::from(leap);
    (formats.contains(&written) && (0..=9999).contains(&civil(seconds).year)).then_some(seconds)
}

/// Returns the year of a date that gives its last two digits only.
///
/// It is the last year with these digits in which the date is at most 50 years after `now` (rule 53).
pub fn full_year(date: Civil, now: i64) -> Option<i64> {
    let now = civil(now);
    let limit = (now.year + 50, now.month, now.day, now.hour, now.minute, now.second);
    (0..=9999)
        .rev()
        .filter(|year| year % 100 == date.year.rem_euclid(100))
        .find(|year| (*year, date.month, date.day, date.hour, date.minute, date.second) <= limit)
}
