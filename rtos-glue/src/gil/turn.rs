//! Who goes next, and when: the order of the GIL, without a kernel.
//!
//! Rules, in this order:
//! 1. A task that was passed over [`MAX_PASSED`] times by tasks of higher priority goes first.
//! 2. A higher priority goes before a lower one, at the holder's next safe point.
//! 3. Among equals, whoever has been served least goes first, then whoever came first. A task that comes back
//!    from a wait gets the GIL as soon as the holder has been served as long as it has; a task that was made to
//!    yield waits for the end of the new holder's slice besides. So a thread that works a little and waits a lot
//!    keeps its fair share beside one that never waits, and threads that never wait change every [`SLICE_US`].

/// How long a holder runs before it gives way to an equal, in microseconds.
pub const SLICE_US: u64 = 5_000;

/// How many times a task is passed over, or how many slices it waits for one of higher priority.
pub const MAX_PASSED: u8 = 8;

/// A task's claim on the GIL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// The task's own priority, without inheritance.
    pub priority: u32,
    /// How long it has held the GIL, in microseconds; moved by [`Claim::near`], so only differences between
    /// tasks that want the GIL together mean something.
    pub served_us: u64,
    /// Counts up with every claim; wraps.
    pub arrival: u32,
    /// How many times a task of higher priority was preferred since this claim was made.
    pub passed: u8,
    /// The task held the GIL until just now and was asked to give way.
    pub yielded: bool,
}

impl Claim {
    /// True if `self` goes before `other`.
    pub fn before(&self, other: &Self) -> bool {
        let earlier = self.arrival.wrapping_sub(other.arrival).cast_signed() < 0;
        match (self.is_overdue(), other.is_overdue()) {
            (true, false) => true,
            (false, true) => false,
            (true, true) => earlier,
            (false, false) if self.priority != other.priority => self.priority > other.priority,
            (false, false) if self.served_us != other.served_us => self.served_us < other.served_us,
            (false, false) => earlier,
        }
    }

    /// When the holder should hand over to `self`, on the clock of `holder.since_us`; may be past.
    pub fn due_us(&self, holder: &Turn) -> u64 {
        if self.is_overdue() || self.priority > holder.priority {
            return holder.since_us;
        }
        if self.priority < holder.priority {
            return holder.since_us + SLICE_US * u64::from(MAX_PASSED - self.passed);
        }
        let ahead_us = self.served_us.saturating_sub(holder.served_us);
        holder.since_us + if self.yielded { ahead_us.max(SLICE_US) } else { ahead_us }
    }

    /// Keeps the claim within a slice of what the holder has been served by `now_us`: neither a long sleep nor a
    /// long time alone gives a task more than a slice of credit or debt.
    pub fn near(&mut self, holder: &Turn, now_us: u64) {
        let holder_us = holder.served_at(now_us);
        self.served_us =
            self.served_us.clamp(holder_us.saturating_sub(SLICE_US), holder_us + SLICE_US);
    }

    /// True if rule 1 applies.
    pub fn is_overdue(&self) -> bool {
        self.passed >= MAX_PASSED
    }

    /// Another claim was preferred.
    pub fn pass_over(&mut self, preferred: &Self) {
        if preferred.priority > self.priority {
            self.passed = self.passed.saturating_add(1).min(MAX_PASSED);
        }
    }
}

/// The holder's turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    /// The holder's own priority.
    pub priority: u32,
    /// What it had been served when the turn began.
    pub served_us: u64,
    /// When the turn began.
    pub since_us: u64,
}

impl Turn {
    /// What the holder has been served by `now_us`.
    pub fn served_at(&self, now_us: u64) -> u64 {
        self.served_us + now_us.saturating_sub(self.since_us)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(priority: u32, served_us: u64, arrival: u32) -> Claim {
        Claim { priority, served_us, arrival, passed: 0, yielded: false }
    }

    const HOLDER: Turn = Turn { priority: 4, served_us: 1_000, since_us: 50_000 };

    #[test]
    fn a_higher_priority_goes_first_and_at_once() {
        assert!(claim(5, 9_000, 2).before(&claim(4, 0, 1)));
        assert_eq!(claim(5, 9_000, 2).due_us(&HOLDER), HOLDER.since_us);
    }

    #[test]
    fn equals_go_by_service_then_arrival_even_when_the_count_wraps() {
        assert!(claim(4, 1, 2).before(&claim(4, 2, 1)));
        assert!(claim(4, 2, 1).before(&claim(4, 2, 2)));
        assert!(claim(4, 2, u32::MAX).before(&claim(4, 2, 0)));
    }

    #[test]
    fn a_task_back_from_a_wait_goes_when_the_holder_has_had_as_much() {
        assert_eq!(claim(4, 1_000, 1).due_us(&HOLDER), 50_000);
        assert_eq!(claim(4, 1_300, 1).due_us(&HOLDER), 50_300);
    }

    #[test]
    fn a_task_that_yielded_waits_for_a_whole_slice() {
        let yielded = Claim { yielded: true, ..claim(4, 0, 1) };
        assert_eq!(yielded.due_us(&HOLDER), 50_000 + SLICE_US);
    }

    #[test]
    fn a_lower_priority_goes_after_eight_slices_or_pass_overs() {
        let mut low = claim(1, 0, 1);
        assert_eq!(low.due_us(&HOLDER), 50_000 + 8 * SLICE_US);
        for _ in 0..8 {
            assert!(!low.is_overdue());
            low.pass_over(&claim(4, 0, 2));
        }
        assert!(low.before(&claim(4, 0, 0)));
        assert_eq!(low.due_us(&HOLDER), HOLDER.since_us);
        low.pass_over(&claim(4, 0, 3));
        assert_eq!(low.due_us(&HOLDER), HOLDER.since_us);
    }

    #[test]
    fn an_equal_is_not_passed_over() {
        let mut equal = claim(4, 0, 1);
        equal.pass_over(&claim(4, 0, 2));
        assert_eq!(equal.passed, 0);
    }

    #[test]
    fn credit_and_debt_end_at_a_slice() {
        let late = Turn { served_us: 1_000_000, ..HOLDER };
        let mut sleeper = claim(4, 0, 1);
        sleeper.near(&late, 50_000);
        assert_eq!(sleeper.served_us, 1_000_000 - SLICE_US);
        let mut worker = claim(4, 9_000_000, 1);
        worker.near(&late, 50_100);
        assert_eq!(worker.served_us, 1_000_100 + SLICE_US);
    }
}
