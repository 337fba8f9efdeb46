//! The committed table of upstream tests that do not pass here, and the check that it is true.
//!
//! One line a test: `path<TAB>fail|skip<TAB>reason`, sorted by path; lines that begin with `#` are
//! remarks at the top. The table is stale, and the run fails, when a listed test passes, when an
//! unlisted one does not, and when a test fails that was listed as skipped or the reverse. So an
//! entry goes the moment it is no longer true.

use std::collections::BTreeMap;

/// How a test of upstream's ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It printed what it should.
    Pass,
    /// It printed something else, crashed, or took too long.
    Fail,
    /// It was not run, because the interpreter lacks what it tests.
    Skip,
    /// It failed and upstream's runner knows it as unreliable: counts as anything.
    Ignored,
}

impl Verdict {
    /// From the word in the runner's results and in the table.
    pub fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "pass" => Verdict::Pass,
            "fail" => Verdict::Fail,
            "skip" => Verdict::Skip,
            "ignored" => Verdict::Ignored,
            _ => return None,
        })
    }

    fn word(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Fail => "fail",
            Verdict::Skip => "skip",
            Verdict::Ignored => "ignored",
        }
    }
}

/// The reason of an entry that nobody has explained yet.
pub const UNEXPLAINED: &str = "unexplained";

/// A reason that begins so says that the test asks for something we do not set out to have; such
/// tests are left out of percentages.
pub const EXCLUDED: &str = "excluded:";

/// What the table says of one test.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// `Fail` or `Skip`.
    pub verdict: Verdict,
    /// Why it does not pass, in a phrase.
    pub reason: String,
}

/// The table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// The entries by test path, as upstream's runner spells it (`basics/list1.py`).
    pub entries: BTreeMap<String, Entry>,
}

/// All verdicts of a run, by test path.
pub type Results = BTreeMap<String, Verdict>;

impl Table {
    /// Reads a table.
    ///
    /// # Errors
    /// A line is not an entry, is out of place or has no reason; the text begins with its number.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut table = Self::default();
        for (number, line) in (1..).zip(text.lines()) {
            if line.starts_with('#') || line.is_empty() {
                continue;
            }
            let mut fields = line.splitn(3, '\t');
            let (test, word, reason) = (fields.next(), fields.next(), fields.next());
            let verdict = word.and_then(Verdict::from_word);
            let (Some(test), Some(verdict @ (Verdict::Fail | Verdict::Skip)), Some(reason)) =
                (test, verdict, reason.filter(|reason| !reason.trim().is_empty()))
            else {
                return Err(format!("line {number}: not test, fail or skip, and reason: {line}"));
            };
            if table.entries.last_key_value().is_some_and(|(last, _)| last.as_str() >= test) {
                return Err(format!("line {number}: {test} is out of order or twice"));
            }
            let entry = Entry { verdict, reason: reason.to_owned() };
            table.entries.insert(test.to_owned(), entry);
        }
        Ok(table)
    }

    /// The table as text, below `remarks`.
    pub fn write(&self, remarks: &[&str]) -> String {
        let mut text: String = remarks.iter().map(|line| format!("# {line}\n")).collect();
        for (test, entry) in &self.entries {
            text += &format!("{test}\t{}\t{}\n", entry.verdict.word(), entry.reason);
        }
        text
    }

    /// What is stale, one line a test; `in_scope` tells which tests the run was about, so that an
    /// entry in scope without a result is a test that no longer exists.
    pub fn stale(&self, results: &Results, in_scope: impl Fn(&str) -> bool) -> Vec<String> {
        let mut lines = Vec::new();
        for (test, &verdict) in results {
            let listed = self.entries.get(test).map(|entry| entry.verdict);
            match (listed, verdict) {
                (_, Verdict::Ignored) | (None, Verdict::Pass) => {}
                (Some(listed), verdict) if listed == verdict => {}
                (Some(listed), verdict) => lines.push(format!(
                    "{test}: listed as {}, and now: {}",
                    listed.word(),
                    verdict.word()
                )),
                (None, verdict) => lines.push(format!("{test}: unlisted {}", verdict.word())),
            }
        }
        for test in self.entries.keys() {
            if !results.contains_key(test) && in_scope(test) {
                lines.push(format!("{test}: listed, and there is no such test"));
            }
        }
        lines
    }

    /// The table made true: reasons are kept, passing and vanished tests leave, and new entries are
    /// [`UNEXPLAINED`].
    pub fn updated(&self, results: &Results, in_scope: impl Fn(&str) -> bool) -> Self {
        let mut table = self.clone();
        table.entries.retain(|test, _| results.contains_key(test) || !in_scope(test));
        for (test, &verdict) in results {
            match verdict {
                Verdict::Ignored => {}
                Verdict::Pass => {
                    table.entries.remove(test);
                }
                Verdict::Fail | Verdict::Skip => {
                    let reason = UNEXPLAINED.to_owned();
                    let entry = Entry { verdict, reason };
                    table.entries.entry(test.clone()).or_insert(entry).verdict = verdict;
                }
            }
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "# remark\na/1.py\tfail\tno big ints\nb/2.py\tskip\tno native code\n";

    fn results(list: &[(&str, Verdict)]) -> Results {
        list.iter().map(|&(test, verdict)| (test.to_owned(), verdict)).collect()
    }

    #[test]
    fn a_table_survives_being_written_and_read() {
        let table = Table::parse(TABLE).expect("a table");
        assert_eq!(table.write(&["remark"]), TABLE);
    }

    #[test]
    fn malformed_tables_are_refused() {
        for bad in ["a\tfail\n", "a\tpass\tx\n", "a\tfail\t \n", "b\tfail\tx\na\tfail\tx\n"] {
            assert!(Table::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn every_untrue_entry_is_stale_and_an_update_cures_it() {
        use Verdict::*;
        let table = Table::parse(TABLE).expect("a table");
        let all = |_: &str| true;
        let check = |list: &[(&str, Verdict)], stale: usize| {
            let results = results(list);
            assert_eq!(table.stale(&results, all).len(), stale, "{list:?}");
            assert_eq!(table.updated(&results, all).stale(&results, all).len(), 0, "{list:?}");
        };
        check(&[("a/1.py", Fail), ("b/2.py", Skip), ("c/3.py", Pass)], 0);
        check(&[("a/1.py", Pass), ("b/2.py", Skip)], 1);
        check(&[("a/1.py", Skip), ("b/2.py", Skip)], 1);
        check(&[("a/1.py", Fail), ("b/2.py", Skip), ("c/3.py", Fail)], 1);
        check(&[("a/1.py", Fail), ("b/2.py", Ignored)], 0);
        check(&[("a/1.py", Fail)], 1);
    }

    #[test]
    fn what_was_not_run_is_left_alone() {
        let table = Table::parse(TABLE).expect("a table");
        let only_a = |test: &str| test.starts_with("a/");
        let results = results(&[("a/1.py", Verdict::Fail)]);
        assert_eq!(table.stale(&results, only_a), Vec::<String>::new());
        assert_eq!(table.updated(&results, only_a), table);
    }
}
