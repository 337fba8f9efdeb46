//! A command line taken apart option by option.
//!
//! Each command takes what it knows; [`Args::finish`] then refuses whatever is left, so a misspelt
//! option is an error and never ignored.

/// The words after `cargo xtask`, in order; taking an option removes its words.
pub struct Args {
    words: Vec<String>,
}

impl Args {
    /// Wraps the words of a command line, without the program's own name.
    pub fn new(words: impl IntoIterator<Item = String>) -> Self {
        Self { words: words.into_iter().collect() }
    }

    /// Takes `name` out; true if it was there.
    pub fn flag(&mut self, name: &str) -> bool {
        let before = self.words.len();
        self.words.retain(|word| word != name);
        self.words.len() != before
    }

    /// Takes `name VALUE` or `name=VALUE` out and returns the value.
    ///
    /// # Errors
    /// The option stands last, without its value.
    pub fn option(&mut self, name: &str) -> Result<Option<String>, String> {
        let assigned = format!("{name}=");
        let Some(at) = self.words.iter().position(|w| w == name || w.starts_with(&assigned)) else {
            return Ok(None);
        };
        let word = self.words.remove(at);
        if let Some(value) = word.strip_prefix(&assigned) {
            return Ok(Some(value.to_owned()));
        }
        if at == self.words.len() {
            return Err(format!("{name} needs a value"));
        }
        Ok(Some(self.words.remove(at)))
    }

    /// Takes a whole number, as [`Args::option`] does.
    ///
    /// # Errors
    /// The value is missing or not a number.
    pub fn number(&mut self, name: &str) -> Result<Option<u64>, String> {
        let Some(text) = self.option(name)? else { return Ok(None) };
        text.parse().map(Some).map_err(|_| format!("{name} needs a number, not {text:?}"))
    }

    /// Takes the first word that is not an option; take the options first.
    pub fn positional(&mut self) -> Option<String> {
        let at = self.words.iter().position(|word| !word.starts_with('-'))?;
        Some(self.words.remove(at))
    }

    /// Ends the parsing.
    ///
    /// # Errors
    /// A word is left that nobody asked for.
    pub fn finish(self) -> Result<(), String> {
        match self.words.first() {
            None => Ok(()),
            Some(word) => Err(format!("unknown argument {word:?}; `cargo xtask help` lists all")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(line: &str) -> Args {
        Args::new(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn options_are_taken_in_both_spellings() {
        let mut args = args("perf --a one --b=two --only x rest");
        assert_eq!(args.option("--a"), Ok(Some("one".to_owned())));
        assert_eq!(args.option("--b"), Ok(Some("two".to_owned())));
        assert_eq!(args.option("--c"), Ok(None));
        assert_eq!(args.option("--only"), Ok(Some("x".to_owned())));
        assert_eq!(args.positional().as_deref(), Some("perf"));
        assert_eq!(args.positional().as_deref(), Some("rest"));
        assert_eq!(args.finish(), Ok(()));
    }

    #[test]
    fn an_unknown_or_valueless_option_is_refused() {
        assert!(args("--oops").finish().is_err());
        assert!(args("--board").option("--board").is_err());
        assert!(args("--rounds many").number("--rounds").is_err());
    }
}
