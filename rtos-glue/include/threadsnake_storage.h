/*
 * Files: littlefs and FAT on your block devices, for Python and for your C tasks at once. CMake: THREADSNAKE_STORAGE.
 *
 *     ts_storage_config storage = TS_STORAGE_CONFIG_INIT;      (once per image)
 *     storage.memory = arena; storage.memory_size = sizeof arena;
 *     ts_storage_init(&storage);
 *     ts_volume_config config = TS_VOLUME_CONFIG_INIT;         (for each device)
 *     config.device = &flash; config.mount_point = "/flash";
 *     config.memory = memory; config.memory_size = sizeof memory;
 *     ts_volume_new(&config, &volume);
 *     ts_volume_mount(volume, 1);                              (in a task: formats what is empty)
 *
 * A volume is a device, the file system on it, and a task that owns both: whoever wants something of it waits in a queue
 * for that task, without any GIL. VMs that are started afterwards have `os`, `vfs` and `open`, find the volumes at their
 * mount points, and import from them. Where ts_config.files knows a path as well, it comes first. Volumes stay for ever;
 * files that a VM has open are closed when it ends.
 *
 * The contexts, and the statuses of the functions that return ts_status, are those of threadsnake.h.
 */
#ifndef THREADSNAKE_STORAGE_H
#define THREADSNAKE_STORAGE_H

#include "threadsnake.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- What you give ---- */

/* A block device. It lives for ever. Its functions are called by the volume's task, one at a time, and may block; they
 * may call nothing of this header. They return 0 or a negative error number, such as -5 (EIO), -19 (ENODEV: no medium). */
typedef struct ts_block_device
{
    void *context;
    uint32_t block_size;  /* a power of two: what is erased at once, for littlefs; a sector, 512 to 4096, for FAT */
    uint32_t block_count;
    uint32_t read_size;   /* littlefs: reads and writes are multiples of these; 0: 32 */
    uint32_t write_size;
    /* Non-zero while there is a medium. NULL: always. */
    int32_t (*is_there)(void *context);
    /* Reads `len` bytes from `offset` in a block on, perhaps across several blocks; all of it is on the device. */
    int32_t (*read)(void *context, uint32_t block, uint32_t offset, uint8_t *buf, size_t len);
    /* Writes likewise, to what was erased before. NULL: the device cannot be written. */
    int32_t (*write)(void *context, uint32_t block, uint32_t offset, const uint8_t *data, size_t len);
    int32_t (*erase)(void *context, uint32_t block); /* NULL: it needs none */
    int32_t (*sync)(void *context);                  /* what was written is safe when it returns; NULL: it always is */
} ts_block_device;

/* For ts_storage_init. */
typedef struct ts_storage_config
{
    uint32_t size;      /* sizeof(ts_storage_config) */
    void *memory;       /* for mounted file systems and open files, for ever: when it is used up, ENOMEM */
    size_t memory_size; /* TS_STORAGE_MIN_MEMORY or more */
    /* Seconds since 1970 for the times of files; any task. NULL: files have none. */
    uint64_t (*unix_time_s)(void);
} ts_storage_config;

#define TS_STORAGE_MIN_MEMORY (16u * 1024u)

/* For ts_volume_new. The texts live for ever. */
typedef struct ts_volume_config
{
    uint32_t size; /* sizeof(ts_volume_config) */
    int32_t kind;  /* TS_LITTLEFS or TS_FAT */
    const ts_block_device *device;
    const char *mount_point; /* "/", "/flash", at most 31 bytes; NULL: scripts mount it, machine.SD finds it by its name */
    const char *name;        /* of the task; "sd" for the card of machine.SD */
    uint32_t priority;       /* of the task: above those of its users */
    uint32_t lookahead;      /* littlefs: bytes of the map of free blocks, a multiple of 8; 0: 32 */
    void *memory;            /* for the task and its stack, on which your functions run, for ever */
    size_t memory_size;      /* TS_VOLUME_MEMORY or more: littlefs needs 7 KiB of stack */
} ts_volume_config;

#define TS_VOLUME_MEMORY (12u * 1024u)

enum
{
    TS_LITTLEFS = 0, /* littlefs 2 */
    TS_FAT = 1       /* FAT12, FAT16, FAT32 */
};

/* clang-format off */
#define TS_STORAGE_CONFIG_INIT { sizeof(ts_storage_config), NULL, 0, NULL }
#define TS_VOLUME_CONFIG_INIT { sizeof(ts_volume_config), TS_LITTLEFS, NULL, NULL, "volume", 3, 0, NULL, 0 }
/* clang-format on */

typedef struct ts_volume ts_volume;

/* Gives the file systems their memory, once. TS_NO_MEMORY: too little. TS_WRONG_STATE: they have it. [init] */
ts_status ts_storage_init(const ts_storage_config *config);

/* Makes a volume; nothing of the device is looked at yet. At most 8, not two at a time. TS_WRONG_STATE: before
 * ts_storage_init. TS_BAD_ARGUMENT: also a device without `read` or with a block size that is none. TS_EXISTS: the mount
 * point is taken. TS_FULL. TS_NO_MEMORY: too little for the task, or the kernel's heap is used up. [init] Does not block. */
ts_status ts_volume_new(const ts_volume_config *config, ts_volume **volume);

/* ---- What your tasks do with it ----
 *
 * All [task]; all block until the volume's task has done it. They return 0 or more, or a negative error number, which is
 * Linux's: -2 no such file, -5 the device failed, -9 not open, -12 no memory left, -17 exists, -19 no medium or no file
 * system, -20 no directory, -21 a directory, -22 not an argument for this, -28 full, -30 read only, -39 not empty.
 * -35 (EDEADLK): from an interrupt, before the scheduler runs, or with a GIL; a function of a C module uses ts_blocking.
 *
 * Paths begin with `/`, which is the volume's own top; no part is empty, `.` or `..`. */

/* Mounts the file system; if `format` is not 0 and there is none, makes one. Without this the first path mounts it. */
int32_t ts_volume_mount(ts_volume *volume, int32_t format);

/* Makes an empty file system. Files that are open are so no more. */
int32_t ts_volume_format(ts_volume *volume);

/* Makes everything that was written safe from a power cut. */
int32_t ts_volume_sync(ts_volume *volume);

/* Bytes in all, and not in use. May read the whole device. */
typedef struct ts_space
{
    uint64_t total;
    uint64_t free;
} ts_space;
int32_t ts_volume_space(ts_volume *volume, ts_space *space);

typedef struct ts_stat
{
    uint64_t size;       /* bytes */
    uint64_t modified_s; /* since 1970; 0: not known */
    uint32_t is_dir;
} ts_stat;
int32_t ts_volume_stat(ts_volume *volume, const char *path, ts_stat *stat);

int32_t ts_volume_make_dir(ts_volume *volume, const char *path);
/* A file, or an empty directory. */
int32_t ts_volume_remove(ts_volume *volume, const char *path);
/* What has the new name already is replaced. */
int32_t ts_volume_rename(ts_volume *volume, const char *from, const char *to);

/* An open file, a variable of yours. Any task may use it, one at a time. */
typedef struct ts_file
{
    const ts_volume *volume; /* Not for you. */
    uint32_t number;
} ts_file;

/* Opens a file; `mode` as for fopen: r, w, a, x, each also with + . */
int32_t ts_file_open(ts_volume *volume, const char *path, const char *mode, ts_file *file);
/* Returns how many bytes were read, 0 at the end. */
int32_t ts_file_read(ts_file *file, void *buf, size_t size);
/* Writes all of it and returns `len`; after an error a part may have been written. */
int32_t ts_file_write(ts_file *file, const void *data, size_t len);
/* Moves the position: from the start (`whence` 0), from where it is (1), from the end (2). Returns it. */
int64_t ts_file_seek(ts_file *file, int64_t offset, int32_t whence);
/* What was written is safe when it returns. */
int32_t ts_file_sync(ts_file *file);
/* After an error it is closed as well, but what was written last may be lost. -9: it was closed before. */
int32_t ts_file_close(ts_file *file);

/* A directory that is being listed, likewise. */
typedef struct ts_dir
{
    const ts_volume *volume; /* Not for you. */
    uint32_t number;
} ts_dir;

typedef struct ts_entry
{
    char name[256];
    uint64_t size;
    uint32_t is_dir;
} ts_entry;

int32_t ts_dir_open(ts_volume *volume, const char *path, ts_dir *dir);
/* 1 and an entry, never `.` and `..`; 0: there are no more. */
int32_t ts_dir_next(ts_dir *dir, ts_entry *entry);
int32_t ts_dir_close(ts_dir *dir);

#ifdef __cplusplus
}
#endif

#endif
