//! Seconds since 1970 as a date of the Gregorian calendar.

/// Seconds of half a year, after which a listing names the year.
const HALF_YEAR: u64 = 180 * 86_400;

/// A point in time, in the board's own time zone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Date {
    pub year: u64,
    /// 1 to 12.
    pub month: u64,
    /// 1 to 31.
    pub day: u64,
    pub hour: u64,
    pub minute: u64,
    pub second: u64,
}

impl Date {
    pub fn new(unix_s: u64) -> Date {
        let (days, rest) = (unix_s / 86_400, unix_s % 86_400);
        // Days since 0000-03-01, so that the leap day ends a year; eras of 400 years.
        let days = days + 719_468;
        let (era, day) = (days / 146_097, days % 146_097);
        let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let in_next_year = u64::from(month >= 10);
        Date {
            year: era * 400 + year + in_next_year,
            month: month + 3 - 12 * in_next_year,
            day: day - (153 * month + 2) / 5 + 1,
            hour: rest / 3600,
            minute: rest / 60 % 60,
            second: rest % 60,
        }
    }

    /// As `YYYYMMDDhhmmss`.
    pub fn write_digits(&self, out: &mut impl core::fmt::Write) -> core::fmt::Result {
        let Date { year, month, day, hour, minute, second } = self;
        write!(out, "{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}")
    }
}

/// Writes the time of a file as `ls -l` does: with the hour if it is at most half a year old at `now`, else the year.
pub fn write_listed(out: &mut impl core::fmt::Write, unix_s: u64, now: u64) -> core::fmt::Result {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let date = Date::new(unix_s);
    write!(out, "{} {:2} ", MONTHS[(date.month - 1) as usize % 12], date.day)?;
    if now.checked_sub(unix_s).is_some_and(|age| age <= HALF_YEAR) {
        write!(out, "{:02}:{:02}", date.hour, date.minute)
    } else {
        write!(out, "{:5}", date.year)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digits(unix_s: u64) -> String {
        let mut out = String::new();
        Date::new(unix_s).write_digits(&mut out).unwrap();
        out
    }

    #[test]
    fn dates_are_those_of_the_calendar() {
        assert_eq!(digits(0), "19700101000000");
        assert_eq!(digits(951_782_400), "20000229000000");
        assert_eq!(digits(951_868_799), "20000229235959");
        assert_eq!(digits(4_107_542_400), "21000301000000");
        assert_eq!(digits(1_420_070_400), "20150101000000");
    }

    #[test]
    fn listed_times_have_the_year_when_old_or_in_the_future() {
        let listed = |unix_s, now| {
            let mut out = String::new();
            write_listed(&mut out, unix_s, now).unwrap();
            out
        };
        assert_eq!(listed(1_420_070_400, 1_420_070_400), "Jan  1 00:00");
        assert_eq!(listed(1_420_070_400, 1_420_070_400 + HALF_YEAR + 1), "Jan  1  2015");
        assert_eq!(listed(1_440_000_000, 1_420_070_400), "Aug 19  2015");
    }
}
