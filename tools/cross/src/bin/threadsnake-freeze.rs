//! `threadsnake-freeze`: modules and names that a manifest and a list choose, to the Rust source of an image.

use std::path::PathBuf;
use std::process::ExitCode;

use threadsnake_cross::compile::How;
use threadsnake_cross::manifest::Manifest;
use threadsnake_cross::{image, names};

const USAGE: &str = "\
usage: threadsnake-freeze [options] -o FILE [MANIFEST]
  -o FILE           the Rust source to write; a build takes it in by THREADSNAKE_FROZEN=FILE
  MANIFEST          the manifest: which modules are frozen
  --names FILE      names that are to be in ROM: lines Q(name)
  --library FOLDER  where require() searches packages (may be repeated)
  -D NAME=FOLDER    what $(NAME) in the manifest stands for (may be repeated)
  -O[N]             the level of optimisation of files whose manifest gives none
  -X no-source-lines
                    leave out what tracebacks need to tell line numbers
  --hint-bytes N    the most RAM for hints of where names were last found, which make frozen code
                    fast (default 2048; code that has to share hints is slower, not wrong)
";

struct Options {
    output: PathBuf,
    manifest: Option<PathBuf>,
    names: Vec<PathBuf>,
    known: Manifest,
    how: How,
    hint_bytes: usize,
}

fn main() -> ExitCode {
    let result = match parse(std::env::args().skip(1)) {
        Ok(Some(options)) => run(options),
        Ok(None) => {
            print!("{USAGE}");
            Ok(())
        }
        Err(text) => Err(format!("threadsnake-freeze: {text}\n{USAGE}")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(text) => {
            eprint!("{text}");
            ExitCode::FAILURE
        }
    }
}

/// Reads the command line; `None` asks for help.
fn parse(mut words: impl Iterator<Item = String>) -> Result<Option<Options>, String> {
    let mut output = None;
    let (mut manifest, mut names) = (None, Vec::new());
    let (mut known, mut how) = (Manifest::default(), How::default());
    let mut hint_bytes = 2048;
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("option {word} needs an argument"));
        match word.as_str() {
            "-h" | "--help" => return Ok(None),
            "-o" => output = Some(PathBuf::from(value()?)),
            "--names" => names.push(PathBuf::from(value()?)),
            "--library" => known.libraries.push((String::new(), PathBuf::from(value()?))),
            "-D" => {
                let pair = value()?;
                let (name, folder) = pair.split_once('=').ok_or("-D needs NAME=FOLDER")?;
                known.variables.insert(name.to_owned(), PathBuf::from(folder));
            }
            "-X" if value()? == "no-source-lines" => how.lines = false,
            "--hint-bytes" => {
                let text = value()?;
                hint_bytes = text.parse().map_err(|_| format!("not a number: {text}"))?;
            }
            "-O" | "-O1" => how.optimise = 1,
            "-O0" => how.optimise = 0,
            "-O2" => how.optimise = 2,
            "-O3" => how.optimise = 3,
            text if text.starts_with('-') => return Err(format!("unknown option: {text}")),
            _ if manifest.is_some() => return Err("more than one manifest".to_owned()),
            _ => manifest = Some(PathBuf::from(&word)),
        }
    }
    let output = output.ok_or("-o is missing")?;
    Ok(Some(Options { output, manifest, names, known, how, hint_bytes }))
}

fn run(options: Options) -> Result<(), String> {
    let Options { output, manifest, names: lists, mut known, how, hint_bytes } = options;
    let mut names = Vec::new();
    for list in lists {
        let text =
            std::fs::read_to_string(&list).map_err(|e| format!("{}: {e}\n", list.display()))?;
        names.extend(names::parse(&text));
    }
    if let Some(manifest) = manifest {
        known.read(&manifest)?;
    }
    let (text, summary) = image::write(&known, &names, &how, hint_bytes)?;
    println!(
        "{} modules, {} names of their own, {} bytes of RAM for hints",
        summary.modules, summary.names, summary.hint_bytes
    );
    // Nothing is built again where nothing changed.
    if std::fs::read_to_string(&output).is_ok_and(|before| before == text) {
        return Ok(());
    }
    std::fs::write(&output, text).map_err(|e| format!("{}: {e}\n", output.display()))
}
