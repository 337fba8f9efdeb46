//! Times as FAT packs them: years from 1980, in steps of two seconds.
//!
//! Source: Microsoft, "FAT32 File System Specification" 1.03, "Date and Time Formats"; the calendar by Hinnant,
//! "chrono-Compatible Low-Level Date Algorithms".

/// Days from 1970-01-01 to 1980-01-01.
const DAYS_TO_1980: u64 = 3652;

/// Seconds since 1970 as FAT has them: date in the upper half. 0 for what is before 1980; the last second of 2107
/// for what is after it.
pub fn pack(seconds: u64) -> u32 {
    let (days, rest) = (seconds / 86400, seconds % 86400);
    if days < DAYS_TO_1980 {
        return 0;
    }
    // Years begin in March here, so that a leap day is the last.
    let shifted = days + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    if year > 2107 {
        return 0xff9f_bf7d;
    }
    let date = (year - 1980) << 9 | month << 5 | day;
    let time = (rest / 3600) << 11 | (rest / 60 % 60) << 5 | (rest % 60 / 2);
    (date << 16 | time) as u32
}

/// The reverse; 0 for what is no date.
pub fn unpack(packed: u32) -> u64 {
    let packed = u64::from(packed);
    let (year, month, day) = ((packed >> 25) + 1980, packed >> 21 & 15, packed >> 16 & 31);
    if !(1..=12).contains(&month) || day == 0 {
        return 0;
    }
    let (year, from_march) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (era, year_of_era) = (year / 400, year % 400);
    let of_year = (153 * from_march + 2) / 5 + day - 1;
    let of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year;
    let days = era * 146_097 + of_era - 719_468;
    days * 86400 + (packed >> 11 & 31) * 3600 + (packed >> 5 & 63) * 60 + (packed & 31) * 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_go_there_and_back() {
        // 1980-01-01, 2000-02-29 12:34:56, 2026-11-21 10:40:00, 2107-12-31 23:59:58
        for seconds in [315_532_800, 951_827_696, 1_795_257_600, 4_354_819_198] {
            assert_eq!(unpack(pack(seconds)), seconds);
        }
        assert_eq!(pack(315_532_800), 1 << 21 | 1 << 16);
        assert_eq!((pack(0), unpack(0)), (0, 0));
        assert_eq!(unpack(pack(u64::from(u32::MAX) * 2)), 4_354_819_198);
    }
}
