//! The documentation's code blocks as tests: `cargo xtask docs [NAME ...]`, NAME without `.md`.
//!
//! Each block of `docs/*.md` names what it is:
//!
//! - `python`: runs on the simulated board, booted for it, and ends without a traceback. An `output` block after it is
//!   what it prints.
//! - `pycon`: statements after `>>> ` and `... `, and what the prompt answers. Of a traceback the last line counts.
//! - `sh`: runs in an empty folder, with `threadsnake` on the path; an `output` block after it is what it prints.
//! - `c`, `cmake`, `rust`, `toml`: a quotation. The word after it is the file, itself under test, where these lines stand.
//! - `text`: no code.
//!
//! Comments in front of a block, a line each, `<!-- KEY: VALUE -->`, are not shown to the reader: `before` (a line of Python
//! that prepares the simulated world), `args` (the simulator's), `ends` (the block resets the board; these bytes
//! come then), `continues` (in the machine of the block before).

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::args::Args;
use crate::console::Console;
use crate::tally::Tally;
use crate::{language, process};

/// How long a block may run.
const LIMIT: Duration = Duration::from_secs(30);

/// The command of its own.
///
/// # Errors
/// A build failed or an argument is unknown.
pub fn main(mut args: Args) -> Result<bool, String> {
    let simulator = match args.option("--interpreter")? {
        Some(file) => std::fs::canonicalize(&file).map_err(|e| format!("{file}: {e}"))?,
        None => process::build_simulator()?,
    };
    let names: Vec<String> = std::iter::from_fn(|| args.positional()).collect();
    args.finish()?;
    let mut tally = Tally::default();
    run_all(&simulator, &names, &mut tally);
    Ok(tally.finish())
}

/// Runs the blocks of the chapters named, or of all.
pub fn run_all(simulator: &Path, names: &[String], tally: &mut Tally) {
    let chapters = language::files(&process::root().join("docs"), "md");
    for path in chapters.into_iter().filter(|path| language::named(path, names)) {
        let name = path.strip_prefix(process::root()).unwrap_or(&path).display().to_string();
        let text = std::fs::read_to_string(&path).map_err(|e| e.to_string());
        match text.and_then(|text| parse(&text)) {
            Err(why) => tally.check(&name, Err(why)),
            Ok(blocks) => {
                let mut board = None;
                for block in &blocks {
                    let result = run(simulator, block, &mut board);
                    tally.check(&format!("{name}:{}", block.line), result);
                }
            }
        }
    }
}

/// One block, and what belongs to it.
#[derive(Debug, Default, PartialEq)]
struct Block {
    line: usize,
    kind: String,
    /// The word after the kind.
    from: String,
    text: String,
    output: Option<String>,
    before: String,
    args: Vec<String>,
    ends: Option<String>,
    continues: bool,
}

fn parse(text: &str) -> Result<Vec<Block>, String> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut next = Block::default();
    let mut lines = text.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        if let Some(comment) = line.strip_prefix("<!-- ").and_then(|l| l.strip_suffix(" -->")) {
            let (key, value) = comment.split_once(':').unwrap_or((comment, ""));
            let value = value.trim();
            match key {
                "before" => next.before += &format!("{value}\n"),
                "args" => next.args = value.split_whitespace().map(str::to_owned).collect(),
                "ends" => next.ends = Some(value.to_owned()),
                "continues" => next.continues = true,
                _ => return Err(format!("line {}: {key:?} is no key", at + 1)),
            }
            continue;
        }
        let Some(info) = line.strip_prefix("```") else { continue };
        let body: Vec<&str> =
            lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```").collect();
        let body = body.iter().map(|line| format!("{line}\n")).collect::<String>();
        let (kind, from) = info.split_once(' ').unwrap_or((info, ""));
        match kind {
            "text" => {}
            "output" => match blocks.last_mut() {
                Some(block) if block.output.is_none() => block.output = Some(body),
                _ => return Err(format!("line {}: output of nothing", at + 1)),
            },
            _ => {
                let (kind, from) = (kind.to_owned(), from.to_owned());
                let block = Block { line: at + 1, kind, from, text: body, ..next };
                blocks.push(block);
                next = Block::default();
            }
        }
    }
    Ok(blocks)
}

fn run(simulator: &Path, block: &Block, board: &mut Option<Console>) -> Result<(), String> {
    match block.kind.as_str() {
        "python" | "pycon" => {
            let mut console = match board.take() {
                Some(console) if block.continues => console,
                None if block.continues => return Err("continues what failed".to_owned()),
                _ => boot(simulator, &block.args)?,
            };
            let stands = execute(&mut console, block)?;
            *board = stands.then_some(console);
            Ok(())
        }
        "sh" => shell(simulator, block),
        "c" | "cmake" | "rust" | "toml" => quoted(block),
        kind => Err(format!("{kind:?} is no kind of block")),
    }
}

/// The simulated board at its raw prompt, in a folder of its own.
///
/// # Errors
/// It did not come to its prompt.
pub fn boot(simulator: &Path, args: &[String]) -> Result<Console, String> {
    let mut command = Command::new("sh");
    // Standard error tells the forwarded ports, which concerns nobody here.
    command.args(["-c", "exec \"$0\" --board \"$@\" 2>/dev/null"]).arg(simulator).args(args);
    let mut console = Console::start(command.current_dir(scratch()?))?;
    console.until(b">>> ", LIMIT)?;
    console.enter_raw(LIMIT)?;
    Ok(console)
}

/// Runs a block; false if it has reset the board.
fn execute(console: &mut Console, block: &Block) -> Result<bool, String> {
    succeed(console, &block.before)?;
    if let Some(ends) = &block.ends {
        console.send(block.text.as_bytes())?;
        console.send(b"\x04")?;
        return console.until(ends.as_bytes(), LIMIT).map(|_| false);
    }
    if block.kind == "python" {
        let printed = succeed(console, &block.text)?;
        if let Some(wanted) = &block.output {
            same(wanted, &printed)?;
        }
        return Ok(true);
    }
    for (statement, wanted) in statements(&block.text) {
        let program = format!("exec(compile({statement:?}, '<stdin>', 'single'))");
        let came = console.execute(program.as_bytes(), LIMIT)?.text();
        let last = |text: &str| text.lines().last().unwrap_or_default().to_owned();
        if wanted.starts_with("Traceback") {
            same(&last(&wanted), &last(&came))?;
        } else {
            same(&wanted, &came)?;
        }
    }
    Ok(true)
}

/// What `source` prints; a traceback is an error.
fn succeed(console: &mut Console, source: &str) -> Result<String, String> {
    if source.is_empty() {
        return Ok(String::new());
    }
    let execution = console.execute(source.as_bytes(), LIMIT)?;
    if execution.error.is_empty() { Ok(execution.text()) } else { Err(execution.text()) }
}

/// The statements of a transcript, each with the answer that it shows.
fn statements(text: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        if let Some(statement) = line.strip_prefix(">>> ") {
            found.push((format!("{statement}\n"), String::new()));
        } else if let Some((statement, answer)) = found.last_mut() {
            let (part, line) = match line.strip_prefix("...") {
                Some(more) => (statement, more.strip_prefix(' ').unwrap_or(more)),
                None => (answer, line),
            };
            *part += line;
            part.push('\n');
        }
    }
    found
}

fn shell(simulator: &Path, block: &Block) -> Result<(), String> {
    let mut command = Command::new("bash");
    let mut path = simulator.parent().unwrap_or(Path::new(".")).as_os_str().to_owned();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    command.args(["-eu", "-c", &block.text]).env("PATH", path).current_dir(scratch()?);
    let outcome = process::capture(&mut command, b"", Some(LIMIT), false)?;
    match &block.output {
        _ if !outcome.success() => Err(outcome.text()),
        Some(wanted) => same(wanted, &outcome.text()),
        None => Ok(()),
    }
}

/// Checks that the lines of a quotation stand one after the other in their file.
fn quoted(block: &Block) -> Result<(), String> {
    let path = process::root().join(&block.from);
    let text = std::fs::read_to_string(&path).map_err(|e| format!("{:?}: {e}", block.from))?;
    let plain = |text: &str| text.lines().map(|l| format!("{}\n", l.trim())).collect::<String>();
    if plain(&text).contains(&plain(&block.text)) {
        Ok(())
    } else {
        Err(format!("{} does not say so", block.from))
    }
}

fn same(wanted: &str, came: &str) -> Result<(), String> {
    if wanted.trim_end() == came.trim_end() {
        return Ok(());
    }
    Err(format!("wanted:\n{wanted}\ncame:\n{came}"))
}

/// An empty folder.
fn scratch() -> Result<std::path::PathBuf, String> {
    let folder = process::target_dir().join("docs");
    std::fs::remove_dir_all(&folder).ok();
    std::fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_found_with_what_belongs_to_them() {
        let text = "# x\n<!-- before: a\n<!-- before: import b -->\n<!-- args: --sd f -->\n```python\nb()\n```\n\
                    says\n```output\n1\n```\n```text\nno\n```\n```c file.c\nint x;\n```\n";
        let blocks = parse(text).expect("it is well formed");
        assert_eq!(blocks.len(), 2);
        let first = &blocks[0];
        assert_eq!((first.kind.as_str(), first.line), ("python", 5));
        assert_eq!((first.text.as_str(), first.before.as_str()), ("b()\n", "import b\n"));
        assert_eq!(first.output.as_deref(), Some("1\n"));
        assert_eq!(first.args, ["--sd", "f"]);
        assert_eq!((blocks[1].kind.as_str(), blocks[1].from.as_str()), ("c", "file.c"));
        assert!(parse("```output\n1\n```\n").is_err());
        assert!(parse("<!-- befor: x -->\n").is_err());
    }

    #[test]
    fn transcripts_are_statements_with_their_answers() {
        let found = statements(">>> 1\n1\n>>> for i in x:\n...     i\n...\n2\n3\n");
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(found, [pair("1\n", "1\n"), pair("for i in x:\n    i\n\n", "2\n3\n")]);
    }
}
