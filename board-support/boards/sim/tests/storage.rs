//! Native volumes on a running kernel, asked by plain tasks without a VM, as servers and C tasks do.
//!
//! One process, one scheduler; ends by exit code.

use core::ffi::c_void;
use core::ptr::NonNull;
use threadsnake_boot::files::prepare;
use threadsnake_glue::kernel::{Duration, Semaphore};
use threadsnake_glue::rtos::{self, FOREVER, Task};
use threadsnake_sim::tasks::run;
use threadsnake_sim::{posix, storage};
use threadsnake_storage::view::{Found, find, with_point};
use threadsnake_storage::volume::{
    Errno, FileId, NAME_MAX, OpenMode, Reply, Request, Volume, named, registered,
};

fn say(text: &str) {
    posix::write_all(1, text.as_bytes());
}

/// A task that runs `work` and parks.
fn task(priority: u32, work: impl FnOnce() + Send + 'static) {
    type Work = Box<dyn FnOnce() + Send>;
    unsafe extern "C" fn enter(argument: *mut c_void) {
        // SAFETY: the box given below, opened once.
        let work: Box<Work> = unsafe { Box::from_raw(argument.cast()) };
        work();
        loop {
            rtos::notified(FOREVER);
        }
    }
    let boxed: Box<Work> = Box::new(Box::new(work));
    let memory: &'static mut [u128] = Box::leak(vec![0u128; 512].into_boxed_slice());
    let bytes = size_of_val(memory);
    let memory = NonNull::slice_from_raw_parts(NonNull::from(memory).cast::<u8>(), bytes);
    // SAFETY: the memory is aligned and leaked; `enter` takes the box.
    unsafe { Task::spawn(enter, Box::into_raw(boxed).cast(), c"client", priority, memory) }
        .expect("a task");
}

fn flash() -> &'static dyn Volume {
    storage::flash().expect("installed")
}

fn card() -> &'static dyn Volume {
    named("sd").and_then(registered).expect("installed").volume
}

const WRITE: OpenMode = OpenMode {
    read: false,
    write: true,
    append: false,
    create: true,
    exclusive: false,
    truncate: true,
};
const READ: OpenMode = OpenMode {
    read: true,
    write: false,
    append: false,
    create: false,
    exclusive: false,
    truncate: false,
};

fn open(volume: &dyn Volume, path: &str, mode: OpenMode) -> Result<FileId, Errno> {
    match volume.perform(Request::Open { path, mode })? {
        Reply::File { file, is_seekable: true } => Ok(file),
        other => panic!("{other:?}"),
    }
}

fn put(volume: &dyn Volume, path: &str, data: &[u8]) -> Result<(), Errno> {
    let file = open(volume, path, WRITE)?;
    let written = volume.perform(Request::Write { file, data });
    volume.perform(Request::Close { file })?;
    written.map(|_| ())
}

fn get(volume: &dyn Volume, path: &str) -> Result<Vec<u8>, Errno> {
    let file = open(volume, path, READ)?;
    let mut all = Vec::new();
    let mut buf = [0; 700];
    while let Reply::Count(n @ 1..) = volume.perform(Request::Read { file, buf: &mut buf })? {
        all.extend_from_slice(&buf[..n]);
    }
    volume.perform(Request::Close { file })?;
    Ok(all)
}

fn a_new_flash_gets_its_files_and_what_is_there_stays() {
    prepare(flash()).expect("prepared");
    put(flash(), "/main.py", b"mine").expect("written");
    prepare(flash()).expect("prepared again");
    assert_eq!(get(flash(), "/main.py").as_deref(), Ok(&b"mine"[..]));
    let Ok(Reply::Dir(dir)) = flash().perform(Request::OpenDir { path: "/" }) else { panic!() };
    let mut name = [0; NAME_MAX];
    let mut names = Vec::new();
    while let Ok(Reply::Entry(Some(entry))) =
        flash().perform(Request::NextEntry { dir, name: &mut name })
    {
        names.push(String::from_utf8_lossy(&name[..entry.name_len]).into_owned());
    }
    assert_eq!(flash().perform(Request::CloseDir { dir }), Ok(Reply::Done));
    assert_eq!(names, ["boot.py", "cert", "lib", "main.py", "sys"]);
}

fn many_tasks_write_and_read_their_files_at_once() {
    const TASKS: u32 = 6;
    let gone: Vec<&'static Semaphore> = (0..TASKS)
        .map(|_| &*Box::leak(Box::new(Semaphore::new_binary().expect("a semaphore"))))
        .collect();
    for (i, &gone) in (0..).zip(&gone) {
        task(2 + i % 3, move || {
            let volume = if i % 2 == 0 { flash() } else { card() };
            let data: Vec<u8> = (0..3000 + i).map(|n| (n * (i + 3)) as u8).collect();
            for round in 0..5 {
                let path = format!("/task{i}");
                put(volume, &path, &data[round..]).expect("written");
                assert_eq!(get(volume, &path).as_deref(), Ok(&data[round..]));
            }
            volume.perform(Request::Remove { path: &format!("/task{i}") }).expect("removed");
            gone.give();
        });
    }
    for gone in gone {
        gone.take(Duration::infinite()).expect("infinite");
    }
}

fn a_card_that_is_taken_out_is_an_error_and_back_again_it_works() {
    put(card(), "/kept", b"kept").expect("written");
    let file = open(card(), "/half", WRITE).expect("opened");
    storage::insert_card(false);
    assert_eq!(card().perform(Request::Flush { file }), Err(Errno::ENODEV));
    assert_eq!(card().perform(Request::Write { file, data: b"x" }), Err(Errno::EBADF));
    assert_eq!(get(card(), "/kept"), Err(Errno::ENODEV));
    assert_eq!(card().perform(Request::Mount), Err(Errno::ENODEV));
    assert_eq!(card().perform(Request::Sync), Ok(Reply::Done));
    storage::insert_card(true);
    assert_eq!(card().perform(Request::Close { file }), Err(Errno::EBADF));
    assert_eq!(get(card(), "/kept").as_deref(), Ok(&b"kept"[..]));
}

fn a_full_card_takes_what_fits_and_more_when_there_is_room() {
    let file = open(card(), "/big", WRITE).expect("opened");
    let data = vec![7; 100_000];
    let error = loop {
        match card().perform(Request::Write { file, data: &data }) {
            Ok(Reply::Count(n)) if n > 0 => {}
            other => break other,
        }
    };
    assert_eq!(error, Err(Errno::ENOSPC));
    card().perform(Request::Close { file }).expect("closed");
    card().perform(Request::Remove { path: "/big" }).expect("removed");
    put(card(), "/small", b"fits").expect("written");
}

fn tasks_without_a_vm_find_volumes_by_absolute_paths() {
    assert!(matches!(find("/"), Found::Root));
    assert!(matches!(find("/sd/x"), Found::Nowhere), "not mounted");
    let Found::Volume(0, volume, rest) = find("/flash/lib/x.py") else { panic!("no volume") };
    assert_eq!(rest, "/lib/x.py");
    put(volume, rest, b"x = 1").expect("written");
    assert_eq!(get(flash(), "/lib/x.py").as_deref(), Ok(&b"x = 1"[..]));
    assert_eq!(with_point(0, str::to_owned).as_deref(), Some("/flash"));
    assert_eq!(with_point(1, str::to_owned), None);
}

fn too_many_open_files_are_refused_and_closed_ones_make_room() {
    let mut files = Vec::new();
    let error = loop {
        match open(flash(), &format!("/many{}", files.len()), WRITE) {
            Ok(file) => files.push(file),
            Err(errno) => break errno,
        }
    };
    assert_eq!((error, files.len()), (Errno::EMFILE, 16));
    for (i, file) in files.into_iter().enumerate() {
        flash().perform(Request::Close { file }).expect("closed");
        assert_eq!(flash().perform(Request::Close { file }), Err(Errno::EBADF));
        flash().perform(Request::Remove { path: &format!("/many{i}") }).expect("removed");
    }
}

fn main() {
    posix::watchdog(60, "storage test: hung\n", 3);
    storage::give_memory();
    storage::install(None, None).expect("memory");
    run(|| {
        Task::current().set_priority(8);
        storage::prepare_card();
        let cases: &[(&str, fn())] = &[
            (
                "a_new_flash_gets_its_files_and_what_is_there_stays",
                a_new_flash_gets_its_files_and_what_is_there_stays,
            ),
            (
                "many_tasks_write_and_read_their_files_at_once",
                many_tasks_write_and_read_their_files_at_once,
            ),
            (
                "a_card_that_is_taken_out_is_an_error_and_back_again_it_works",
                a_card_that_is_taken_out_is_an_error_and_back_again_it_works,
            ),
            (
                "a_full_card_takes_what_fits_and_more_when_there_is_room",
                a_full_card_takes_what_fits_and_more_when_there_is_room,
            ),
            (
                "tasks_without_a_vm_find_volumes_by_absolute_paths",
                tasks_without_a_vm_find_volumes_by_absolute_paths,
            ),
            (
                "too_many_open_files_are_refused_and_closed_ones_make_room",
                too_many_open_files_are_refused_and_closed_ones_make_room,
            ),
        ];
        for (name, case) in cases {
            say(&format!("test {name} ... "));
            case();
            say("ok\n");
        }
        posix::exit(0)
    });
}
