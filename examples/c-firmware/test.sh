#!/bin/bash
# Builds this example with CMake alone, runs it, and tests the C API.
#   test.sh BUILD_DIR host|mps2-an385|mps2-an500
# The last line is `N passed, N failed`.
set -u
build=${1:?the folder to build in}
board=${2:?host, mps2-an385 or mps2-an500}
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
passed=0
failed=0

# check NAME COMMAND...: counts a command; prints what it says if it fails.
check() {
  local name=$1 words
  shift
  if words=$("$@" 2>&1); then
    passed=$((passed + 1))
    echo "pass $name"
  else
    failed=$((failed + 1))
    printf 'FAIL %s\n%s\n' "$name" "$words" | tail -40
  fi
}

options=(-DBOARD="$board")
case $board in
  host) nm=nm ;;
  mps2-an385 | mps2-an500)
    nm=arm-none-eabi-nm
    options+=(-DCMAKE_TOOLCHAIN_FILE="$here/boards/${board#mps2-}-toolchain.cmake")
    ;;
  *)
    echo "there is no board $board: host, mps2-an385, mps2-an500"
    echo "0 passed, 1 failed"
    exit 1
    ;;
esac

# Runs a program, at most 60 s, and passes its exit code on.
run() {
  if [ "$board" = host ]; then
    timeout -k 5 60 "$1"
  else
    timeout -k 5 60 qemu-system-arm -M "$board" -kernel "$1" -nographic -monitor none -serial stdio \
      -semihosting </dev/null
  fi
}

build_all() {
  cmake -S "$here" -B "$build" "${options[@]}" -DTESTS=ON && cmake --build "$build" -j2
}

example_runs() {
  local words
  words=$(run "$build/app") && [ "$(printf '%s' "$words" | tr -d '\r')" = $'python: ready\nPASS' ] || {
    echo "$words"
    return 1
  }
}

tour_runs() {
  local words
  words=$(run "$build/tour" | tr -d '\r') && [ "$(printf '%s\n' "$words" | tail -1)" = PASS ] &&
    [ "$(printf '%s\n' "$words" | wc -l)" = 8 ] || {
    echo "$words"
    return 1
  }
}

archive=$build/threadsnake/libthreadsnake.a
header=$root/rtos-glue/include/threadsnake.h
hal_header=$root/board-support/hal/include/ts_hal.h
exports() { "$nm" -g --defined-only "$archive" | awk 'NF == 3 { print $3 }' | sort -u; }

exports_are_prefixed() { ! exports | grep -v '^ts_'; }

# The kernel through the shims; what a compiler calls without being asked (mem*, strlen) and strings in C.
imports_are_few() {
  ! "$nm" -g --undefined-only "$archive" | awk 'NF == 2 { print $2 }' | sort -u |
    grep -vE '^(ts_rtos_[a-z_]+|freertos_rs_[a-z_]+|mem(cpy|move|set|cmp)|bcmp|str(len|chr|cpy|spn|cspn))$'
}

# Every function is declared once in the header, below a comment, and defined in the library.
header_agrees() {
  diff <(grep -oE '^[a-z0-9_]+ \*?ts_[a-z0-9_]+\(' -h "$header" "$hal_header" | grep -oE 'ts_[a-z0-9_]+\(' | tr -d '(' | sort) <(exports)
}

# No Rust, no panic text and no folder of this machine in the names.
no_paths() { ! strings "$archive" | grep -E "$root|/root/|/home/"; }

header_is_c_and_cpp() {
  local program='#include "threadsnake.h"
ts_config config = TS_CONFIG_INIT;'
  echo "$program" | cc -std=c99 -Wall -Wextra -pedantic -Werror -I"$(dirname "$header")" -x c -fsyntax-only - &&
    { ! command -v c++ >/dev/null ||
      echo "$program" | c++ -Wall -Wextra -Werror -I"$(dirname "$header")" -x c++ -fsyntax-only -; }
}

few_lines_mention_us() {
  local n
  n=$(cat "$here/CMakeLists.txt" "$here"/boards/*.cmake "$here"/boards/*.ld | grep -ic threadsnake)
  echo "$n lines"
  [ "$n" -le 10 ]
}

# refuses TEXT FOLDER OPTION...: the configuration must fail, and say this.
refuses() {
  local text=$1 folder=$2 words
  shift 2
  words=$(cmake -S "$folder" -B "$build/refused" "${options[@]}" "$@" 2>&1) && {
    echo "it was not refused"
    return 1
  }
  rm -rf "$build/refused"
  printf '%s' "$words" | tr -s ' \n' '  ' | grep -qF "$text" || {
    echo "$words"
    return 1
  }
}

# A FreeRTOSConfig.h without a setting stops the compilation, and the setting is named.
names_missing_setting() {
  local setting=$1 dir=$build/lacking words
  rm -rf "$dir"
  mkdir -p "$dir/config"
  grep -v "define $setting " "$here/config/FreeRTOSConfig.h" >"$dir/config/FreeRTOSConfig.h"
  cmake -S "$here" -B "$dir/build" "${options[@]}" -DCONFIG_DIR="$dir/config" >/dev/null || return 1
  words=$(cmake --build "$dir/build" --target threadsnake_shim 2>&1) && {
    echo "it was compiled"
    return 1
  }
  rm -rf "$dir"
  printf '%s' "$words" | grep -q "error.*$setting" || {
    echo "$words"
    return 1
  }
}

kernel_dir() { sed -n 's/^THREADSNAKE_KERNEL_DIR:INTERNAL=//p' "$build/CMakeCache.txt"; }

# lwIP's sources, pinned like the kernel's.
lwip_dir() {
  cargo metadata --locked --format-version 1 --manifest-path "$root/components/deps/Cargo.toml" |
    grep -oE '"manifest_path":"[^"]*/lwip-[0-9][^"/]*/Cargo.toml"' | sed 's/.*:"//; s,/Cargo.toml"$,,'
}

# A project with its own kernel, lwIP and linker script.
sdk_is_joined() {
  cmake -S "$here/tests/sdk" -B "$build/sdk" "${options[@]}" -DKERNEL_DIR="$(kernel_dir)" \
    -DLWIP_DIR="$(lwip_dir)" -DTHREADSNAKE_CARGO_DIR="$build/threadsnake/cargo" && cmake --build "$build/sdk" -j2 &&
    run "$build/sdk/firmware" | grep PASS && run "$build/sdk/tour" | grep PASS
}

# The interpreter is in the second half of the code memory, the VM's memory in the PSRAM, the rest where it was.
sdk_script_is_kept() {
  local words
  words=$("$nm" "$build/sdk/firmware" | awk '$3 ~ /^(main|xTaskCreate|tcpip_init|ts_create|python_memory)$/ {
    print $3, substr($1, 1, 3) }' | sort | tr '\n' ';')
  echo "$words"
  [ "$words" = "main 000;python_memory 210;tcpip_init 000;ts_create 002;xTaskCreate 000;" ]
}

c_drivers_serve_machine() { run "$build/tests/machine_tests" | tr -d '\r' | grep PASS; }

check "$board: the example builds with CMake alone" build_all
if [ "$failed" -eq 0 ]; then
  check "$board: the example runs" example_runs
  check "$board: the tour runs" tour_runs
  check "$board: the library exports ts_* and nothing else" exports_are_prefixed
  check "$board: the library needs the shim and mem* only" imports_are_few
  check "$board: header and library agree" header_agrees
  check "$board: no folder of this machine is in the library" no_paths
  check "the header is C99 and C++" header_is_c_and_cpp
  check "at most 10 lines of the build files mention us" few_lines_mention_us
  check "a kernel path that is not a kernel is named" refuses \
    "is not a FreeRTOS kernel: it has no tasks.c" "$here" -DFREERTOS_KERNEL_PATH="$here"
  check "$board: a missing kernel setting is named" names_missing_setting configNUM_THREAD_LOCAL_STORAGE_POINTERS
  check "$board: a missing kernel function is named" names_missing_setting INCLUDE_vTaskPrioritySet

  check "$board: drivers in C serve machine" c_drivers_serve_machine
  if [ "$board" = mps2-an385 ]; then
    check "$board: it joins a project with its own kernel, lwIP and linker script" sdk_is_joined
    check "$board: each part is where that project's script says" sdk_script_is_kept
  elif [ "$board" = host ]; then
    check "$board: a kernel target without the cures of the POSIX port is refused" refuses \
      "on the POSIX port it builds the kernel itself" "$here/tests/sdk" -DFREERTOS_PORT=GCC_POSIX \
      -DKERNEL_DIR="$(kernel_dir)" -DLWIP_DIR="$(lwip_dir)"
  fi

  # The tests of the C API count for themselves.
  words=$(run "$build/tests/capi_tests" | tr -d '\r')
  code=$?
  printf '%s\n' "$words"
  last=$(printf '%s\n' "$words" | tail -1)
  if [[ $last =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
    failed=$((failed + BASH_REMATCH[2]))
    [ "${BASH_REMATCH[2]}" -eq 0 ] && passed=$((passed + 1))
  else
    echo "FAIL $board: the tests of the C API did not end (exit code $code)"
    failed=$((failed + 1))
  fi
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
