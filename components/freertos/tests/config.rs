//! A kernel configuration that lacks what we need stops the compilation, and the message names the setting.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Compiles the shim with the simulated board's configuration, one `#define` of it changed; returns whether that
/// worked and what the compiler said.
fn compile(setting: &str, value: &str) -> (bool, String) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = std::fs::read_to_string(
        root.join("../../board-support/boards/sim/config/FreeRTOSConfig.h"),
    )
    .expect("the board's configuration");
    let define = format!("#define {setting} ");
    assert!(setting.is_empty() || config.contains(&define), "the configuration has {setting}");
    let changed: String = config
        .lines()
        .map(|line| match line.starts_with(&define) && !setting.is_empty() {
            true => format!("{define}{value}\n"),
            false => format!("{line}\n"),
        })
        .collect();
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("config-{setting}"));
    std::fs::create_dir_all(&dir).expect("a folder");
    std::fs::write(dir.join("FreeRTOSConfig.h"), changed).expect("a file");

    let kernel = threadsnake_freertos::kernel_dir().expect("the kernel");
    let output = Command::new("cc")
        .args(["-fsyntax-only", "-include"])
        .arg(root.join("posix/portmacro.h"))
        .arg("-I")
        .arg(&dir)
        .arg("-I")
        .arg(kernel.join("include"))
        .arg("-I")
        .arg(root.join("posix"))
        .arg(root.join("../../rtos-glue/shim/ts_rtos.c"))
        .output()
        .expect("a C compiler");
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn the_boards_own_configuration_compiles() {
    let (ok, words) = compile("", "");
    assert!(ok, "{words}");
}

#[test]
fn each_missing_setting_is_named() {
    for (setting, value) in [
        ("configSUPPORT_STATIC_ALLOCATION", "0"),
        ("configUSE_PREEMPTION", "0"),
        ("configTASK_NOTIFICATION_ARRAY_ENTRIES", "1"),
        ("configNUM_THREAD_LOCAL_STORAGE_POINTERS", "0"),
        ("configUSE_MUTEXES", "0"),
        ("configUSE_TRACE_FACILITY", "0"),
        ("configRECORD_STACK_HIGH_ADDRESS", "0"),
        ("INCLUDE_vTaskDelay", "0"),
        ("INCLUDE_vTaskDelete", "0"),
        ("INCLUDE_vTaskSuspend", "0"),
        ("INCLUDE_vTaskPrioritySet", "0"),
        ("INCLUDE_uxTaskPriorityGet", "0"),
        ("INCLUDE_uxTaskGetStackHighWaterMark", "0"),
    ] {
        let (ok, words) = compile(setting, value);
        assert!(!ok, "compiled with {setting} {value}");
        let named = words.lines().any(|line| line.contains("#error") && line.contains(setting));
        assert!(named, "{setting} is not named in:\n{words}");
    }
}
