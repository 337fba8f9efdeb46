//! What a measuring firmware prints: lines `WHAT WHICH NUMBER ...` among others.

/// All that it printed.
pub struct Lines(pub String);

impl Lines {
    /// All of one kind, by their second word.
    pub fn all(&self, what: &str) -> Vec<(&str, Vec<u32>)> {
        let line = |line: &'_ str| -> Option<(usize, Vec<u32>)> {
            let rest = line.strip_prefix(what)?.strip_prefix(' ')?;
            let which = rest.split(' ').next()?;
            let numbers = rest[which.len()..].split_whitespace().map(|n| n.parse().ok());
            Some((which.len(), numbers.collect::<Option<Vec<_>>>()?))
        };
        let parsed = self.0.lines().filter_map(|text| {
            let (len, numbers) = line(text)?;
            let from = what.len() + 1;
            Some((&text[from..from + len], numbers))
        });
        parsed.collect()
    }

    /// The numbers of one line.
    ///
    /// # Errors
    /// There is no such line.
    pub fn one(&self, what: &str, which: &str) -> Result<Vec<u32>, String> {
        let found = self.all(what).into_iter().find(|(other, _)| *other == which);
        found.map(|(_, numbers)| numbers).ok_or_else(|| format!("no line {what} {which}"))
    }

    /// The first number of one line.
    ///
    /// # Errors
    /// There is no such line, or no number in it.
    pub fn first(&self, what: &str, which: &str) -> Result<u32, String> {
        let numbers = self.one(what, which)?;
        numbers.first().copied().ok_or_else(|| format!("no number in {what} {which}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_found_among_others() {
        let lines =
            Lines("xxxx\nasked 2 1 2 3\nasked 16 4 5 6\nasked not this\nidle turns 0\n".into());
        assert_eq!(lines.all("asked"), [("2", vec![1, 2, 3]), ("16", vec![4, 5, 6])]);
        assert_eq!(lines.first("idle", "turns"), Ok(0));
        assert!(lines.one("idle", "other").is_err());
    }
}
