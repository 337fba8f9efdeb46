//! Lists of names that are to be in ROM, so that they take no heap: one `Q(name)` a line, as a board lists them and as
//! `micropython.qstr_info(1)` prints those that a running program made.
//!
//! Source: MicroPython documentation, "Maximising MicroPython: frozen names" (`qstrdefs`), and the module `micropython`.

/// The names in a list. Lines that are no `Q(…)` are passed over: they are comments, or other things that were printed.
pub fn parse(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::trim);
    lines.filter_map(|line| Some(line.strip_prefix("Q(")?.strip_suffix(')')?.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_other_kinds_are_passed_over() {
        let text = "qstr pool: n_pool=1\n// mine\nQ(temperature)\n  Q(a b)\nQ()\n\nQ(x\n";
        assert_eq!(parse(text), ["temperature", "a b", ""]);
    }
}
