//! The command line of the cross-compiler: that of mpy-cross, as far as it makes sense for a file that is the same for
//! every processor.

use crate::compile::How;

/// A whole command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The source file; `-` is standard input.
    pub input: String,
    /// `-o`: the file to write; `-` is standard output. Without it: beside the source, or standard output.
    pub output: Option<String>,
    /// `-s`: what tracebacks call the source.
    pub name: Option<String>,
    /// `-O`, `-X heapsize`, `-X source-lines`.
    pub how: How,
}

/// What a command line asks for, other than a compilation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Instead {
    /// `-h`: print the usage, exit 0.
    Help,
    /// `--version`: print the version, exit 0.
    Version,
    /// A mistake: print it and the usage, exit 1.
    Mistake(String),
}

/// How to call the program, for `-h` and after a mistake.
pub const USAGE: &str = "\
usage: threadsnake-cross [options] [-X option] [--] FILE
  FILE          the source; - is standard input
  -o FILE       the file to write; - is standard output
                (default: the source's name with .mpy; standard output for standard input)
  -s NAME       the name of the source in tracebacks (default: its file name as given)
  -O[N]         optimise: level N, or as many as there are Os
  -X emit=bytecode
                how code is made (native and viper are not there)
  -X heapsize=N[w][k|m]
                the heap of the compiler in bytes, KiB or MiB, times two on a 64-bit host with w
  -X [no-]source-lines
                keep what tracebacks need to tell line numbers (default), or not
  -h            print this and exit
  --version     print the version and exit
Accepted, without effect on a file that every processor loads: -v, -march=ARCH, -march-flags=FLAGS,
-msmall-int-bits=N.
";

/// The processors that may be named.
const ARCHITECTURES: &[&str] = &[
    "x86",
    "x64",
    "armv6",
    "armv6m",
    "armv7m",
    "armv7em",
    "armv7emsp",
    "armv7emdp",
    "xtensa",
    "xtensawin",
    "rv32imc",
    "rv64imc",
    "host",
    "debug",
];

/// Reads the command line, without the program's name.
///
/// # Errors
/// [`Instead`].
pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Options, Instead> {
    let mut options =
        Options { input: String::new(), output: None, name: None, how: How::default() };
    let mut inputs = Vec::new();
    let mut rest = arguments.into_iter();
    while let Some(argument) = rest.next() {
        let mut value = |name: &str| rest.next().ok_or_else(|| mistake("needs an argument", name));
        match argument.as_str() {
            "-o" => options.output = Some(value("-o")?),
            "-s" => options.name = Some(value("-s")?),
            "-X" => set(&mut options.how, &value("-X")?)?,
            "-h" | "--help" => return Err(Instead::Help),
            "--version" => return Err(Instead::Version),
            "--" => inputs.extend(rest.by_ref()),
            "-" => inputs.push(argument),
            text => match text.strip_prefix('-') {
                Some(option) => ignored_or_level(option, text, &mut options.how)?,
                None => inputs.push(argument),
            },
        }
    }
    match <[String; 1]>::try_from(inputs) {
        Ok([input]) => Ok(Options { input, ..options }),
        Err(inputs) if inputs.is_empty() => Err(Instead::Mistake("no input file".to_owned())),
        Err(_) => Err(Instead::Mistake("more than one input file".to_owned())),
    }
}

fn mistake(what: &str, option: &str) -> Instead {
    Instead::Mistake(format!("option {option} {what}"))
}

/// Takes an option that is one word, without its first dash.
fn ignored_or_level(option: &str, text: &str, how: &mut How) -> Result<(), Instead> {
    let unknown = || Instead::Mistake(format!("unknown option: {text}"));
    if let Some(level) = option.strip_prefix('O') {
        how.optimise = match level.parse::<u8>() {
            Ok(level) => level.min(3),
            Err(_) if level.bytes().all(|c| c == b'O') => level.len().min(2) as u8 + 1,
            Err(_) => return Err(unknown()),
        };
        return Ok(());
    }
    if option.bytes().all(|c| c == b'v') {
        return Ok(());
    }
    match option.split_once('=') {
        Some(("march", name)) if ARCHITECTURES.contains(&name) => Ok(()),
        Some(("march", _)) => Err(mistake("names no architecture", text)),
        Some(("march-flags", _)) => Ok(()),
        Some(("msmall-int-bits", n)) if n.parse::<u8>().is_ok() => Ok(()),
        _ => Err(unknown()),
    }
}

/// Takes the argument of one `-X`.
fn set(how: &mut How, option: &str) -> Result<(), Instead> {
    match option.split_once('=').unwrap_or((option, "")) {
        ("emit", "bytecode") => {}
        ("emit", "native" | "viper") => return Err(mistake("is not there, only bytecode", option)),
        ("heapsize", size) => {
            how.heap_bytes = heap_size(size).ok_or_else(|| mistake("is no size", option))?;
        }
        ("source-lines", "") => how.lines = true,
        ("no-source-lines", "") => how.lines = false,
        _ => return Err(Instead::Mistake(format!("unknown option: -X {option}"))),
    }
    Ok(())
}

/// `N[w][k|m]` in bytes.
fn heap_size(text: &str) -> Option<usize> {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit = text[digits.len()..].to_ascii_lowercase();
    let (words, unit) = match unit.strip_prefix('w') {
        Some(unit) => (size_of::<usize>() / 4, unit),
        None => (1, unit.as_str()),
    };
    let unit = match unit {
        "" => 1,
        "k" => 1024,
        "m" => 1024 * 1024,
        _ => return None,
    };
    digits.parse::<usize>().ok()?.checked_mul(unit)?.checked_mul(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &[&str]) -> Result<Options, Instead> {
        parse(arguments.iter().map(|&argument| argument.to_owned()))
    }

    fn check_mistake(arguments: &[&str], expected: &str) {
        match read(arguments) {
            Err(Instead::Mistake(text)) => assert_eq!(text, expected),
            other => panic!("{arguments:?} gave {other:?}"),
        }
    }

    #[test]
    fn the_familiar_options_are_taken() {
        let line = "-v -O2 -march=armv7m -msmall-int-bits=31 -X emit=bytecode -X heapsize=2wk \
                    -X no-source-lines -s n.py -o out a.py";
        let options = read(&line.split_whitespace().collect::<Vec<_>>()).unwrap();
        let how = How { optimise: 2, lines: false, heap_bytes: 4096 };
        let (output, name) = (Some("out".to_owned()), Some("n.py".to_owned()));
        assert_eq!(options, Options { input: "a.py".to_owned(), output, name, how });
    }

    #[test]
    fn a_name_that_looks_like_an_option_follows_two_dashes() {
        assert_eq!(read(&["--", "-x.py"]).unwrap().input, "-x.py");
        assert_eq!(read(&["-"]).unwrap().input, "-");
    }

    #[test]
    fn mistakes_are_named() {
        check_mistake(&[], "no input file");
        check_mistake(&["a", "b"], "more than one input file");
        check_mistake(&["-o"], "option -o needs an argument");
        check_mistake(&["-q", "a"], "unknown option: -q");
        check_mistake(&["-march=z80", "a"], "option -march=z80 names no architecture");
        check_mistake(&["-X", "emit=native"], "option emit=native is not there, only bytecode");
        check_mistake(&["-X", "heapsize=x"], "option heapsize=x is no size");
    }
}
