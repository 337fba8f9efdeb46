//! The command line, as MicroPython's unix program takes it, and `--board` with its own options.
//!
//! Options come first; the first argument that is none names the script, and what follows is the program's.

use crate::net::radio::OnAir;
use crate::net::slirp::Forward;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

/// The heap without `-X heapsize`: 2 MiB, as the unix program has it on 64-bit hosts.
pub const DEFAULT_HEAP_BYTES: usize = 2 * 1024 * 1024;

/// The smallest heap that is accepted at all; what the interpreter really needs shows when it starts.
const MIN_HEAP_BYTES: usize = 700;

/// What to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Program {
    /// `-c`: this source text.
    Command(Vec<u8>),
    /// `-m`: the module of this name.
    Module(String),
    /// A file.
    Script(OsString),
    /// Nothing named: the prompt on a terminal, else standard input as a script.
    Default,
    /// `-`: standard input as a script.
    Stdin,
}

/// The emitter asked for with `-X emit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Emit {
    /// The only one there is.
    Bytecode,
    /// Refused, by name.
    Native,
    /// Refused, by name.
    Viper,
}

/// A whole command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// What to run.
    pub program: Program,
    /// `sys.argv`.
    pub argv: Vec<Vec<u8>>,
    /// `-i`, or `MICROPYINSPECT` in the environment: the prompt afterwards.
    pub inspect: bool,
    /// How often `-v` was given.
    pub verbose: u32,
    /// `-O`: the level of optimisation.
    pub optimise: u32,
    /// `-X compile-only`.
    pub compile_only: bool,
    /// `-X emit`.
    pub emit: Emit,
    /// `-X heapsize`, in bytes.
    pub heap_bytes: usize,
    /// `-X switch`: the seed by which threads change at random.
    pub switch: Option<u32>,
    /// `--board`: boot the board instead of running a program.
    pub board: bool,
    /// `--pty`: the board's console on a new pseudo-terminal.
    pub pty: bool,
    /// `--flash`, `--sd`: the files that are the board's flash chip and its card.
    pub chips: [Option<OsString>; 2],
    /// `--safe-boot`: neither `boot.py` nor `main.py` run.
    pub safe_boot: bool,
    /// `--forward`: connections from the host.
    pub forwards: Vec<Forward>,
    /// `--air`: access points on the air.
    pub on_air: Vec<OnAir>,
    /// `--station`: a station joins the board's access point.
    pub has_station: bool,
}

impl Options {
    /// True if a port of the host leads to the same port of the guest as `forward`.
    pub fn has(&self, forward: &Forward) -> bool {
        let same = |f: &Forward| (f.is_udp, f.guest_port) == (forward.is_udp, forward.guest_port);
        self.forwards.iter().any(same)
    }
}

/// What a command line asks for, other than a run.
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
usage: threadsnake [options] [-X option] [-c command | -m module | script | -] [arguments]
       threadsnake --board [--pty] [--flash FILE] [--sd FILE] [--safe-boot] [-X heapsize=N]
  -c command    run this text
  -m module     run this module
  -             run standard input
  -i            go to the prompt afterwards (also: MICROPYINSPECT in the environment)
  -v            log to standard error; more of it when repeated
  -O[N]         optimise: level N, or as many as there are Os
  -h            print this and exit
  --version     print the version and exit
  -X compile-only
                compile, don't run
  -X emit=bytecode|native|viper
                how code is made (only bytecode so far)
  -X heapsize=N[w][k|m]
                the heap in bytes, KiB or MiB, times two on a 64-bit host with w (default 2m)
  -X switch=SEED
                change threads at random safe points, by this seed (1 to 4294967295)
  --board       boot the simulated board: its console and prompt, Ctrl-D soft-resets, Ctrl-] ends
  --pty         put the board's console on a pseudo-terminal and print its name
  --flash FILE  the board's flash chip; made if it is not there (without it: in memory, empty at each start)
  --sd FILE     the board's SD card, likewise
  --safe-boot   run neither boot.py nor main.py
  --forward tcp:HOSTPORT:PORT, udp:HOSTPORT:PORT
                connections to 127.0.0.1:HOSTPORT reach the program at PORT; repeatable; a HOSTPORT of 0 is
                chosen and told on standard error
                (with --board they come through a station at the board's access point)
  --air SSID[,KEY[,CHANNEL]]
                an access point that the simulated radio hears; repeatable
  --station     a station joins the board's access point and asks for a lease
MICROPYPATH, if set, is the module search path: folders separated by colons.
";

/// Reads the command line. `arguments` are without the program's name; `inspect` is what the environment says.
///
/// # Errors
/// [`Instead`].
pub fn parse(
    arguments: impl IntoIterator<Item = OsString>,
    inspect: bool,
) -> Result<Options, Instead> {
    let mut options = Options {
        program: Program::Default,
        argv: vec![Vec::new()],
        inspect,
        verbose: 0,
        optimise: 0,
        compile_only: false,
        emit: Emit::Bytecode,
        heap_bytes: DEFAULT_HEAP_BYTES,
        switch: None,
        board: false,
        pty: false,
        chips: [None, None],
        safe_boot: false,
        forwards: Vec::new(),
        on_air: Vec::new(),
        has_station: false,
    };
    let mut rest = arguments.into_iter();
    while let Some(argument) = rest.next() {
        let bytes = argument.as_bytes();
        let mut value = |name: &str| {
            rest.next().ok_or_else(|| Instead::Mistake(format!("option {name} needs an argument")))
        };
        match bytes {
            b"-c" => {
                options.program = Program::Command(value("-c")?.into_vec());
                options.argv[0] = b"-c".to_vec();
                break;
            }
            b"-m" => {
                let module = value("-m")?.into_string().map_err(|name| {
                    Instead::Mistake(format!("not a module name: {}", name.to_string_lossy()))
                })?;
                options.argv[0] = module.clone().into_bytes();
                options.program = Program::Module(module);
                break;
            }
            b"-X" => options.set(&value("-X")?)?,
            b"-i" => options.inspect = true,
            b"-h" | b"--help" => return Err(Instead::Help),
            b"--version" => return Err(Instead::Version),
            b"--board" => options.board = true,
            b"--pty" => options.pty = true,
            b"--flash" => options.chips[0] = Some(value("--flash")?),
            b"--sd" => options.chips[1] = Some(value("--sd")?),
            b"--safe-boot" => options.safe_boot = true,
            b"--air" => {
                let text = value("--air")?;
                options.on_air.push(OnAir::parse(text.as_bytes()).ok_or_else(|| {
                    let text = text.to_string_lossy();
                    Instead::Mistake(format!("not SSID[,KEY[,CHANNEL]]: {text}"))
                })?);
            }
            b"--station" => options.has_station = true,
            b"--forward" => options.forwards.push(forward(&value("--forward")?)?),
            b"-" => {
                options.program = Program::Stdin;
                options.argv[0] = b"-".to_vec();
                break;
            }
            [b'-', b'v', more @ ..] if more.iter().all(|&byte| byte == b'v') => {
                options.verbose += 1 + more.len() as u32;
            }
            [b'-', b'O', level @ ..] => options.optimise = optimisation(level)?,
            [b'-', ..] => return Err(unknown(&argument)),
            _ => {
                options.argv[0] = bytes.to_vec();
                options.program = Program::Script(argument);
                break;
            }
        }
    }
    options.argv.extend(rest.map(OsString::into_vec));
    let [flash, sd] = options.chips.each_ref().map(Option::is_some);
    let needy = [
        ("--pty", options.pty),
        ("--flash", flash),
        ("--sd", sd),
        ("--safe-boot", options.safe_boot),
    ];
    if let Some((name, _)) = needy.iter().find(|(_, given)| *given && !options.board) {
        return Err(Instead::Mistake(format!("{name} needs --board")));
    }
    if options.board && options.program != Program::Default {
        return Err(Instead::Mistake("--board runs no program of the host".to_owned()));
    }
    Ok(options)
}

impl Options {
    /// Takes the argument of one `-X`.
    fn set(&mut self, option: &OsStr) -> Result<(), Instead> {
        match option.to_str().map(|text| text.split_once('=').unwrap_or((text, ""))) {
            Some(("compile-only", "")) => self.compile_only = true,
            Some(("emit", "bytecode")) => self.emit = Emit::Bytecode,
            Some(("emit", "native")) => self.emit = Emit::Native,
            Some(("emit", "viper")) => self.emit = Emit::Viper,
            Some(("heapsize", size)) => {
                self.heap_bytes = heap_size(size)
                    .ok_or_else(|| Instead::Mistake(format!("not a heap size: {size:?}")))?;
                if self.heap_bytes < MIN_HEAP_BYTES {
                    return Err(Instead::Mistake(format!(
                        "heap too small: {} bytes, at least {MIN_HEAP_BYTES} are needed",
                        self.heap_bytes
                    )));
                }
            }
            Some(("switch", seed)) => {
                let seed = seed.parse().ok().filter(|&seed| seed != 0);
                self.switch = Some(seed.ok_or_else(|| {
                    Instead::Mistake(format!("not a seed: {:?}", option.to_string_lossy()))
                })?);
            }
            _ => return Err(unknown(option)),
        }
        Ok(())
    }
}

fn unknown(option: &OsStr) -> Instead {
    Instead::Mistake(format!("unknown option: {}", option.to_string_lossy()))
}

/// The level after `-O` followed by `level`: a digit, or more `O`s.
fn optimisation(level: &[u8]) -> Result<u32, Instead> {
    match level {
        [digit @ b'0'..=b'9'] => Ok(u32::from(digit - b'0')),
        more if more.iter().all(|&byte| byte == b'O') => Ok(1 + more.len() as u32),
        _ => Err(Instead::Mistake(format!("not a level: -O{}", String::from_utf8_lossy(level)))),
    }
}

/// `tcp:HOSTPORT:PORT`, `udp:HOSTPORT:PORT`.
fn forward(text: &OsStr) -> Result<Forward, Instead> {
    let read = |text: &str| {
        let (protocol, ports) = text.split_once(':')?;
        let (host_port, guest_port) = ports.split_once(':')?;
        let is_udp = match protocol {
            "tcp" => false,
            "udp" => true,
            _ => return None,
        };
        let (host_port, guest_port) = (host_port.parse().ok()?, guest_port.parse().ok()?);
        (guest_port != 0).then_some(Forward { is_udp, host_port, guest_port })
    };
    text.to_str().and_then(read).ok_or_else(|| {
        Instead::Mistake(format!("not PROTOCOL:HOSTPORT:PORT: {}", text.to_string_lossy()))
    })
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
        parse(arguments.iter().map(OsString::from), false)
    }

    fn check_mistake(arguments: &[&str], expected: &str) {
        match read(arguments) {
            Err(Instead::Mistake(text)) => assert_eq!(text, expected),
            other => panic!("{arguments:?} gave {other:?}"),
        }
    }

    #[test]
    fn a_script_takes_the_rest_of_the_line() {
        let options = read(&["-i", "-vv", "a.py", "-c", "x"]).unwrap();
        assert_eq!(options.program, Program::Script("a.py".into()));
        assert_eq!(options.argv, [b"a.py".to_vec(), b"-c".to_vec(), b"x".to_vec()]);
        assert!(options.inspect);
        assert_eq!(options.verbose, 2);
    }

    #[test]
    fn a_command_is_named_minus_c_in_argv() {
        let options = read(&["-c", "print(1)", "x"]).unwrap();
        assert_eq!(options.program, Program::Command(b"print(1)".to_vec()));
        assert_eq!(options.argv, [b"-c".to_vec(), b"x".to_vec()]);
    }

    #[test]
    fn nothing_named_is_the_default() {
        let options = read(&[]).unwrap();
        assert_eq!(options.program, Program::Default);
        assert_eq!(options.argv, [b"".to_vec()]);
        assert_eq!(options.heap_bytes, DEFAULT_HEAP_BYTES);
    }

    #[test]
    fn heap_sizes_have_units() {
        let size = |text: &str| read(&["-X", &format!("heapsize={text}")]).map(|o| o.heap_bytes);
        assert_eq!(size("143360"), Ok(143_360));
        assert_eq!(size("20k"), Ok(20 * 1024));
        assert_eq!(size("3M"), Ok(3 * 1024 * 1024));
        assert_eq!(size("10wk"), Ok(20 * 1024));
        check_mistake(&["-X", "heapsize=10x"], "not a heap size: \"10x\"");
        check_mistake(&["-X", "heapsize="], "not a heap size: \"\"");
        check_mistake(&["-X", "heapsize=1"], "heap too small: 1 bytes, at least 700 are needed");
        check_mistake(
            &["-X", "heapsize=99999999999999999m"],
            "not a heap size: \"99999999999999999m\"",
        );
    }

    #[test]
    fn levels_of_optimisation_are_counted_or_digits() {
        assert_eq!(read(&["-O"]).unwrap().optimise, 1);
        assert_eq!(read(&["-O3", "-OO"]).unwrap().optimise, 2);
        assert_eq!(read(&["-O3"]).unwrap().optimise, 3);
        check_mistake(&["-Ox"], "not a level: -Ox");
    }

    #[test]
    fn forwards_are_collected() {
        let options = read(&["--forward", "tcp:0:80", "--forward", "udp:5353:53"]).unwrap();
        let [tcp, udp] = options.forwards[..] else { panic!("{:?}", options.forwards) };
        assert_eq!(tcp, Forward { is_udp: false, host_port: 0, guest_port: 80 });
        assert_eq!(udp, Forward { is_udp: true, host_port: 5353, guest_port: 53 });
    }

    #[test]
    fn mistakes_are_named() {
        check_mistake(&["-q"], "unknown option: -q");
        check_mistake(&["--no-such"], "unknown option: --no-such");
        check_mistake(&["-X", "turbo"], "unknown option: turbo");
        check_mistake(&["-c"], "option -c needs an argument");
        check_mistake(&["--pty"], "--pty needs --board");
        check_mistake(&["--forward", "tcp:80"], "not PROTOCOL:HOSTPORT:PORT: tcp:80");
        check_mistake(&["--air", ""], "not SSID[,KEY[,CHANNEL]]: ");
        check_mistake(&["--air", "x,y,99"], "not SSID[,KEY[,CHANNEL]]: x,y,99");
        check_mistake(&["--forward", "icmp:1:1"], "not PROTOCOL:HOSTPORT:PORT: icmp:1:1");
        check_mistake(&["--forward", "tcp:1:70000"], "not PROTOCOL:HOSTPORT:PORT: tcp:1:70000");
        check_mistake(&["--board", "a.py"], "--board runs no program of the host");
    }
}
