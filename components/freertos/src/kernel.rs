//! Compiles the kernel, one port and the shims into the static library `freertos`.

use crate::source::{SourceError, kernel_dir};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Our C shim over the kernel's API, with fixed-width arguments.
const GLUE_SHIM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../rtos-glue/shim");
/// What the POSIX port needs beside its own files.
const POSIX_CURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/posix");

/// A port of the kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Port {
    /// A Linux process, with the cures of `posix/cures.c`.
    Posix,
    /// Cortex-M3.
    ArmCm3,
    /// Cortex-M7 r0p1 and later, with its FPU.
    ArmCm7,
}

/// The kernel's own memory, for RTOS objects only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heap {
    /// `heap_3.c`: the C library's `malloc`.
    Three,
    /// `heap_4.c`: an array of `configTOTAL_HEAP_SIZE` bytes.
    Four,
    /// None: the board adds its own with [`Kernel::file`].
    Own,
}

/// How to compile the kernel for one board.
#[derive(Debug, Clone)]
pub struct Kernel {
    port: Port,
    heap: Heap,
    config_dir: PathBuf,
    include: Vec<PathBuf>,
    define: Vec<(String, Option<String>)>,
    files: Vec<PathBuf>,
}

impl Kernel {
    /// A kernel for `port`; `config_dir` holds the board's `FreeRTOSConfig.h` (relative to the folder of the
    /// crate that is being built). The heap is `heap_4.c`.
    pub fn new(port: Port, config_dir: impl AsRef<Path>) -> Self {
        let root = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default();
        Self {
            port,
            heap: Heap::Four,
            config_dir: root.join(config_dir),
            include: Vec::new(),
            define: Vec::new(),
            files: Vec::new(),
        }
    }

    /// Chooses the kernel's heap.
    pub fn heap(mut self, heap: Heap) -> Self {
        self.heap = heap;
        self
    }

    /// Adds a folder to search for headers.
    pub fn include(mut self, dir: impl Into<PathBuf>) -> Self {
        self.include.push(dir.into());
        self
    }

    /// Defines a macro for every file.
    pub fn define(mut self, name: &str, value: Option<&str>) -> Self {
        self.define.push((name.to_owned(), value.map(str::to_owned)));
        self
    }

    /// Adds a C or assembler file of the board to the library.
    pub fn file(mut self, path: impl Into<PathBuf>) -> Self {
        self.files.push(path.into());
        self
    }

    /// A C compiler set up as for the kernel, for other C that includes its headers (lwIP's port).
    ///
    /// # Errors
    /// Those of [`kernel_dir`].
    pub fn cc(&self) -> Result<cc::Build, SourceError> {
        Ok(self.build(&kernel_dir()?))
    }

    /// Compiles everything and tells Cargo to link it.
    ///
    /// The calling crate must depend on `freertos-rust` directly: Cargo names that crate's shim to direct
    /// dependants only.
    ///
    /// # Errors
    /// Those of [`kernel_dir`]; [`SourceError::NotASource`] if there is no `FreeRTOSConfig.h` or the kernel
    /// lacks the port; [`SourceError::Environment`] without that dependency; [`SourceError::Compiler`].
    pub fn compile(&self) -> Result<(), SourceError> {
        let config = self.config_dir.join("FreeRTOSConfig.h");
        if !config.is_file() {
            return Err(SourceError::NotASource {
                what: "a folder with a kernel configuration",
                dir: self.config_dir.clone(),
                origin: "of the board".to_owned(),
                missing: "FreeRTOSConfig.h".into(),
            });
        }
        let rust_shim = std::env::var_os("DEP_FREERTOS_SHIM").ok_or(SourceError::Environment(
            "DEP_FREERTOS_SHIM is not set: the board's Cargo.toml must list freertos-rust as a dependency",
        ))?;
        let kernel = kernel_dir()?;
        let port = kernel.join(self.port.dir());
        if !port.join("port.c").is_file() {
            return Err(SourceError::NotASource {
                what: "a FreeRTOS kernel with this port",
                dir: kernel,
                origin: "FREERTOS_KERNEL_PATH or the pinned package".to_owned(),
                missing: Path::new(self.port.dir()).join("port.c"),
            });
        }
        for path in [self.config_dir.as_path(), Path::new(GLUE_SHIM), Path::new(POSIX_CURES)] {
            println!("cargo:rerun-if-changed={}", path.display());
        }

        let mut build = self.build(&kernel);
        let parts =
            ["tasks.c", "queue.c", "list.c", "timers.c", "event_groups.c", "stream_buffer.c"];
        build.files(parts.map(|name| kernel.join(name)));
        match self.heap {
            Heap::Three => drop(build.file(kernel.join("portable/MemMang/heap_3.c"))),
            Heap::Four => drop(build.file(kernel.join("portable/MemMang/heap_4.c"))),
            Heap::Own => {}
        }
        build.file(PathBuf::from(rust_shim).join("shim.c"));
        build.file(Path::new(GLUE_SHIM).join("ts_rtos.c"));
        for file in &self.files {
            println!("cargo:rerun-if-changed={}", file.display());
            build.file(file);
        }
        match self.port {
            Port::Posix => {
                build.file(Path::new(POSIX_CURES).join("cures.c"));
                // The port's own calls are replaced by those of cures.c; other files keep theirs.
                let mut posix = self.build(&kernel);
                for name in
                    ["pthread_create", "pthread_join", "pthread_cancel", "malloc", "free", "usleep"]
                {
                    posix.define(name, Some(format!("ts_posix_{name}").as_str()));
                }
                posix.files([port.join("port.c"), port.join("utils/wait_for_event.c")]);
                build.objects(posix.try_compile_intermediates().map_err(compiler)?);
            }
            Port::ArmCm3 | Port::ArmCm7 => drop(build.file(port.join("port.c"))),
        }
        build.try_compile("freertos").map_err(compiler)
    }

    /// The settings that every file gets.
    fn build(&self, kernel: &Path) -> cc::Build {
        let mut build = cc::Build::new();
        build.include(&self.config_dir);
        if self.port == Port::Posix {
            // Taken instead of the port's own portmacro.h, also by the file beside it.
            let portmacro = Path::new(POSIX_CURES).join("portmacro.h");
            build.include(POSIX_CURES).flag("-include").flag(OsString::from(portmacro));
            build.flag("-pthread").define("_GNU_SOURCE", "");
        }
        build.include(kernel.join("include")).include(kernel.join(self.port.dir()));
        build.include(GLUE_SHIM).includes(&self.include);
        for (name, value) in &self.define {
            build.define(name, value.as_deref());
        }
        build
            .std("gnu11")
            .opt_level_str(if self.port == Port::Posix { "2" } else { "s" })
            .debug(true)
            .flag("-ffunction-sections");
        build.flag("-fdata-sections").flag("-Wno-unused-parameter");
        build
    }
}

impl Port {
    /// The port's folder in the kernel.
    fn dir(self) -> &'static str {
        match self {
            Self::Posix => "portable/ThirdParty/GCC/Posix",
            Self::ArmCm3 => "portable/GCC/ARM_CM3",
            Self::ArmCm7 => "portable/GCC/ARM_CM7/r0p1",
        }
    }
}

fn compiler(error: cc::Error) -> SourceError {
    SourceError::Compiler(error.to_string())
}
