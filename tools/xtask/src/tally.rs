//! Counting what passed and what failed, over all kinds of tests of one run.

/// The counts of a run; every check prints one line as it ends.
#[derive(Default)]
pub struct Tally {
    passed: usize,
    failed: Vec<String>,
}

impl Tally {
    /// Counts one check. A failure's text is printed, indented, under its name.
    pub fn check(&mut self, name: &str, result: Result<(), String>) {
        match result {
            Ok(()) => {
                self.passed += 1;
                println!("pass {name}");
            }
            Err(why) => {
                println!("FAIL {name}\n    {}", why.trim_end().replace('\n', "\n    "));
                self.failed.push(name.to_owned());
            }
        }
    }

    /// Adds tests that another runner has counted and reported itself.
    pub fn add(&mut self, name: &str, passed: usize, failed: usize) {
        self.passed += passed;
        self.failed.extend(std::iter::repeat_n(name.to_owned(), failed));
    }

    /// True as long as nothing failed.
    pub fn green(&self) -> bool {
        self.failed.is_empty()
    }

    /// Names the failures; then, alone on the last line, the two counts.
    pub fn finish(&self) -> bool {
        for name in &self.failed {
            println!("failed: {name}");
        }
        println!("{} passed, {} failed", self.passed, self.failed.len());
        self.green()
    }
}
