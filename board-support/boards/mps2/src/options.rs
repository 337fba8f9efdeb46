//! What a test asks of the firmware through the semihosting command line.
//!
//! QEMU passes words with `-semihosting-config enable=on,arg=firmware,arg=exit,…`. Without them, and on
//! hardware, the defaults hold, as they do in an image without the feature `options`.
//!
//! | word | meaning |
//! |---|---|
//! | `exit` | a stop (fault, panic, …) ends the emulator with an exit code |
//! | `heap=N` | N bytes of Python heap instead of the image's own size |
//! | `files=DIR` | `open` and `import` reach the files in DIR on the host, instead of the flash (feature `host-files`) |
//! | `entropy=FILE` | a file of the host stands for the entropy source that the board lacks, such as `/dev/urandom` |
//! | `forward=GUEST:HOST` | QEMU forwards this port of the host's loopback to that port here; up to four times |
//! | `safe` | neither `boot.py` nor `main.py` runs until the next hard reset |
//! | `sockets` | measure sockets, in an image built for that |
//! | `fault=KIND` | fail on purpose: [`SelfTest`] |
//! | `late` | fail not at once but when Python makes the semaphore `fault` |

#[cfg(feature = "options")]
use crate::{memory, semihost};
#[cfg(feature = "options")]
use spin::Once;

/// A failure to provoke, to prove that it is reported.
#[cfg(feature = "self-test")]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SelfTest {
    /// `fault=bus`: a task reads where nothing is.
    Bus,
    /// `fault=undefined`: a task executes an undefined instruction.
    Undefined,
    /// `fault=isr`: an interrupt handler reads where nothing is.
    Isr,
    /// `fault=stack`: a task runs over the end of its stack.
    Stack,
    /// `fault=assert`: a kernel assert fails.
    Assert,
    /// `fault=panic`: a task panics.
    Panic,
    /// `fault=exit`: the firmware ends the emulator with code 42.
    Exit,
}

/// A port of the board that a port of the host leads to.
#[cfg(feature = "net")]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Forward {
    /// The port here; 0: none.
    pub guest: u16,
    /// The port on the host's loopback.
    pub host: u16,
}

#[cfg(feature = "net")]
impl Forward {
    const NONE: Forward = Forward { guest: 0, host: 0 };
}

/// The options in force.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// End the emulator after a stop.
    #[cfg(feature = "options")]
    pub exit_when_stopped: bool,
    /// Bytes of the Python heap; limited by the memory there is.
    pub heap_bytes: usize,
    /// The folder of the host that is the root folder here.
    #[cfg(feature = "host-files")]
    pub files: Option<&'static str>,
    /// The host's file that stands for an entropy source.
    #[cfg(feature = "options")]
    pub entropy: Option<&'static str>,
    /// What QEMU forwards.
    #[cfg(feature = "net")]
    pub forwards: [Forward; 4],
    /// Leave `boot.py` and `main.py` out.
    pub safe_boot: bool,
    /// Measure sockets.
    #[cfg(feature = "bench")]
    pub sockets: bool,
    /// The failure to provoke.
    #[cfg(feature = "self-test")]
    pub self_test: Option<SelfTest>,
    /// Provoke it while Python runs.
    #[cfg(feature = "self-test")]
    pub late: bool,
}

/// The heap size that the build chose (`THREADSNAKE_HEAP`), in bytes.
const DEFAULT_HEAP_BYTES: usize = match usize::from_str_radix(env!("THREADSNAKE_HEAP"), 10) {
    Ok(bytes) => bytes,
    Err(_) => panic!("build.rs passes a number"),
};

const DEFAULTS: Options = Options {
    #[cfg(feature = "options")]
    exit_when_stopped: false,
    heap_bytes: DEFAULT_HEAP_BYTES,
    #[cfg(feature = "host-files")]
    files: None,
    #[cfg(feature = "options")]
    entropy: None,
    #[cfg(feature = "net")]
    forwards: [Forward::NONE; 4],
    safe_boot: false,
    #[cfg(feature = "bench")]
    sockets: false,
    #[cfg(feature = "self-test")]
    self_test: None,
    #[cfg(feature = "self-test")]
    late: false,
};

/// The longest command line, in bytes.
#[cfg(feature = "options")]
const WORDS_BYTES: usize = 1024;

#[cfg(feature = "options")]
static OPTIONS: Once<Options> = Once::new();

/// Reads the command line. To be called once, before the scheduler starts.
#[cfg(feature = "options")]
pub fn init() {
    let words = memory::take(WORDS_BYTES).and_then(|buf| semihost::command_line(buf));
    OPTIONS.call_once(|| parse(words.unwrap_or_default()));
}

/// The options; the defaults before [`init`]. Any context.
pub fn get() -> Options {
    #[cfg(feature = "options")]
    if let Some(options) = OPTIONS.get() {
        return *options;
    }
    DEFAULTS
}

/// Unknown words are ignored: the command line may have been meant for somebody else.
#[cfg(feature = "options")]
fn parse(words: &'static str) -> Options {
    let mut options = DEFAULTS;
    for word in words.split_ascii_whitespace() {
        let (name, value) =
            word.split_at(word.bytes().position(|b| b == b'=').unwrap_or(word.len()));
        match (name, value.get(1..).unwrap_or("")) {
            ("exit", _) => options.exit_when_stopped = true,
            ("heap", bytes) => options.heap_bytes = bytes.parse().unwrap_or(options.heap_bytes),
            #[cfg(feature = "host-files")]
            ("files", dir) => options.files = Some(dir),
            ("entropy", file) => options.entropy = Some(file),
            #[cfg(feature = "net")]
            ("forward", ports) => add_forward(&mut options.forwards, ports),
            ("safe", _) => options.safe_boot = true,
            #[cfg(feature = "bench")]
            ("sockets", _) => options.sockets = true,
            #[cfg(feature = "self-test")]
            ("late", _) => options.late = true,
            #[cfg(feature = "self-test")]
            ("fault", kind) => options.self_test = self_test(kind),
            _ => {}
        }
    }
    options
}

/// Adds `GUEST:HOST` in the first free place; what is no pair of ports is ignored, as is a fifth pair.
#[cfg(feature = "net")]
fn add_forward(forwards: &mut [Forward], ports: &str) {
    let parsed = ports.split_once(':').map(|(guest, host)| (guest.parse(), host.parse()));
    if let Some((Ok(guest), Ok(host))) = parsed
        && let Some(place) = forwards.iter_mut().find(|place| **place == Forward::NONE)
    {
        *place = Forward { guest, host };
    }
}

#[cfg(feature = "self-test")]
fn self_test(kind: &str) -> Option<SelfTest> {
    Some(match kind {
        "bus" => SelfTest::Bus,
        "undefined" => SelfTest::Undefined,
        "isr" => SelfTest::Isr,
        "stack" => SelfTest::Stack,
        "assert" => SelfTest::Assert,
        "panic" => SelfTest::Panic,
        "exit" => SelfTest::Exit,
        _ => return None,
    })
}
