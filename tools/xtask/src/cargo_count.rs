//! Counting the tests of a `cargo test` run from what it prints.
//!
//! A target with the usual harness sums itself up; one without (`harness = false`, as the tests
//! that run a kernel in their own process are) counts as one test.

/// How many tests passed and failed, from the merged output of `cargo test --no-fail-fast`.
pub fn count(output: &str) -> (usize, usize) {
    let (mut passed, mut failed) = (0, 0);
    // Is there a target whose result is not known yet, and has it failed?
    let mut open: Option<bool> = None;
    let mut close = |open: &mut Option<bool>, passed: &mut usize| match open.take() {
        Some(true) => failed += 1,
        Some(false) => *passed += 1,
        None => {}
    };
    let mut summed_failures = 0;
    for line in output.lines() {
        let line = line.trim_start();
        if line.starts_with("Running ") || line.starts_with("Doc-tests ") {
            close(&mut open, &mut passed);
            open = Some(false);
        } else if let Some(summary) = line.strip_prefix("test result: ") {
            passed += number_before(summary, " passed");
            summed_failures += number_before(summary, " failed");
            open = None;
        } else if line.starts_with("error: test failed")
            || line.starts_with("error: doctest failed")
        {
            open = open.map(|_| true);
        }
    }
    close(&mut open, &mut passed);
    (passed, failed + summed_failures)
}

/// The counts of a line `N passed, N failed`.
pub fn summary(line: &str) -> Option<(usize, usize)> {
    let (passed, failed) = line.strip_suffix(" failed")?.split_once(" passed, ")?;
    Some((passed.parse().ok()?, failed.parse().ok()?))
}

/// The number that stands before `word`, 0 if there is none.
fn number_before(text: &str, word: &str) -> usize {
    let Some(at) = text.find(word) else { return 0 };
    let digits = text[..at].rsplit(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
    digits.parse().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_is_read_only_when_it_is_one() {
        assert_eq!(summary("8 passed, 1 failed"), Some((8, 1)));
        assert_eq!(summary("8 passed; 1 failed"), None);
        assert_eq!(summary(""), None);
    }

    #[test]
    fn harnesses_are_summed_and_bare_targets_count_one() {
        let output = "\
     Running unittests src/lib.rs (target/debug/deps/a-1)
test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out
     Running tests/kernel.rs (target/debug/deps/kernel-1)
the kernel ran
     Running tests/broken.rs (target/debug/deps/broken-1)
error: test failed, to rerun pass `-p a --test broken`
     Running unittests src/main.rs (target/debug/deps/b-1)
test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out
error: test failed, to rerun pass `-p b --bin b`
   Doc-tests a
test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out
error: 2 targets failed:
";
        assert_eq!(count(output), (12 + 1 + 3 + 1, 1 + 2));
    }
}
