/* Volumes: made and misused, used by C, by Python, by both at once. */
#include "ram.h"
#include "rooms.h"

#define ENOENT_NUMBER -2
#define EBADF_NUMBER -9
#define EACCES_NUMBER -13
#define EEXIST_NUMBER -17
#define ENODEV_NUMBER -19
#define EISDIR_NUMBER -21
#define EINVAL_NUMBER -22
#define ENOSPC_NUMBER -28
#define EDEADLK_NUMBER -35
#define ENOTEMPTY_NUMBER -39

ts_volume *flash, *card;

static uint64_t unix_time_s(void) { return 1000000000u; }

/* Configurations that are refused, each by its status. */
static void refused_configurations(void)
{
    static uint8_t memory[TS_VOLUME_MEMORY];
    static ts_block_device device;
    ts_volume *volume = NULL;
    ts_volume_config config = TS_VOLUME_CONFIG_INIT;
    device = ram_flash;
    config.device = &device;
    config.memory = memory;
    config.memory_size = sizeof memory;
    IS(ts_volume_new(NULL, &volume), TS_BAD_ARGUMENT);
    IS(ts_volume_new(&config, NULL), TS_BAD_ARGUMENT);
    config.size = 8;
    IS(ts_volume_new(&config, &volume), TS_BAD_ARGUMENT);
    config.size = sizeof config;
    config.kind = 7;
    IS(ts_volume_new(&config, &volume), TS_BAD_ARGUMENT);
    config.kind = TS_LITTLEFS;
    config.priority = configMAX_PRIORITIES;
    IS(ts_volume_new(&config, &volume), TS_BAD_ARGUMENT);
    config.priority = 3;
    config.name = NULL;
    IS(ts_volume_new(&config, &volume), TS_BAD_ARGUMENT);
    config.name = "\xff";
    IS(ts_volume_new(&config, &volume), TS_BAD_ARGUMENT);
    config.name = "other";
    config.mount_point = "flash";
    IS(ts_volume_new(&config, &volume), TS_BAD_ARGUMENT);
    config.mount_point = "/a-name-of-more-than-31-bytes-here";
    IS(ts_volume_new(&config, &volume), TS_BAD_ARGUMENT);
    config.mount_point = "/flash";
    IS(ts_volume_new(&config, &volume), TS_EXISTS);
    config.mount_point = "/other";
    config.memory_size = TS_VOLUME_MEMORY - 1;
    IS(ts_volume_new(&config, &volume), TS_NO_MEMORY);
    config.memory_size = sizeof memory;
    config.memory = NULL;
    IS(ts_volume_new(&config, &volume), TS_BAD_ARGUMENT);
    config.memory = memory;
    config.device = NULL;
    IS(ts_volume_new(&config, &volume), TS_BAD_ARGUMENT);
    config.device = &device;
    device.read = NULL;
    IS(ts_volume_new(&config, &volume), TS_BAD_ARGUMENT);
    device.read = ram_flash.read;
    device.block_size = 1000;
    IS(ts_volume_new(&config, &volume), TS_BAD_ARGUMENT);
    CHECK(volume == NULL);
}

void storage_before(void)
{
    static uint8_t arena[64 * 1024], flash_memory[TS_VOLUME_MEMORY], card_memory[TS_VOLUME_MEMORY];
    ts_storage_config storage = TS_STORAGE_CONFIG_INIT;
    ts_volume_config config = TS_VOLUME_CONFIG_INIT;
    config.device = &ram_flash;
    config.mount_point = "/flash";
    config.name = "flash";
    config.memory = flash_memory;
    config.memory_size = sizeof flash_memory;
    IS(ts_volume_new(&config, &flash), TS_WRONG_STATE);
    IS(ts_storage_init(NULL), TS_BAD_ARGUMENT);
    IS(ts_storage_init(&storage), TS_NO_MEMORY);
    storage.memory_size = sizeof arena;
    IS(ts_storage_init(&storage), TS_BAD_ARGUMENT);
    storage.memory = arena;
    storage.unix_time_s = unix_time_s;
    IS(ts_storage_init(&storage), TS_OK);
    IS(ts_storage_init(&storage), TS_WRONG_STATE);
    IS(ts_volume_new(&config, &flash), TS_OK);
    config.device = &ram_card;
    config.kind = TS_FAT;
    config.mount_point = NULL;
    config.name = "sd";
    config.memory = card_memory;
    config.memory_size = sizeof card_memory;
    IS(ts_volume_new(&config, &card), TS_OK);
    refused_configurations();
    IS(ts_volume_mount(flash, 1), EDEADLK_NUMBER);
}

/* Calls of one task: files, directories, what is not there. */
static void c_uses_a_volume(ts_volume *volume)
{
    static uint8_t block[3000], read[4000];
    ts_file file, other;
    ts_stat stat;
    ts_space space;
    memset(block, 0x5a, sizeof block);
    IS(ts_volume_mount(volume, 0), ENODEV_NUMBER);
    IS(ts_volume_mount(volume, 1), 0);
    IS(ts_volume_mount(volume, 0), 0);
    IS(ts_file_open(volume, "/a.bin", "r", &file), ENOENT_NUMBER);
    IS(ts_file_open(volume, "/a.bin", "w+", &file), 0);
    IS(ts_file_write(&file, block, sizeof block), (int32_t)sizeof block);
    IS(ts_file_write(&file, NULL, 0), 0);
    IS(ts_file_seek(&file, -1, 0), EINVAL_NUMBER);
    IS(ts_file_seek(&file, -10, 2), (int64_t)sizeof block - 10);
    IS(ts_file_read(&file, read, sizeof read), 10);
    CHECK(read[0] == 0x5a);
    IS(ts_file_read(&file, read, sizeof read), 0);
    IS(ts_file_sync(&file), 0);
    IS(ts_file_close(&file), 0);
    IS(ts_file_open(volume, "/a.bin", "x", &other), EEXIST_NUMBER);
    IS(ts_file_close(&file), EBADF_NUMBER);
    IS(ts_file_read(&file, read, 1), EBADF_NUMBER);
    IS(ts_file_open(volume, "/a.bin", "ab", &file), 0);
    IS(ts_file_write(&file, "end", 3), 3);
    IS(ts_file_close(&file), 0);
    IS(ts_volume_stat(volume, "/a.bin", &stat), 0);
    CHECK(stat.size == sizeof block + 3 && stat.is_dir == 0 && stat.modified_s == 1000000000u);
    IS(ts_volume_make_dir(volume, "/dir"), 0);
    IS(ts_volume_make_dir(volume, "/dir"), EEXIST_NUMBER);
    IS(ts_volume_rename(volume, "/a.bin", "/dir/b.bin"), 0);
    IS(ts_volume_stat(volume, "/dir", &stat), 0);
    CHECK(stat.is_dir == 1);
    IS(ts_volume_remove(volume, "/dir"), volume == flash ? ENOTEMPTY_NUMBER : EACCES_NUMBER);
    IS(ts_file_open(volume, "/dir", "w", &file), EISDIR_NUMBER);
    IS(ts_volume_space(volume, &space), 0);
    CHECK(space.total > 100000 && space.free < space.total);
}

static void directories_are_listed(ts_volume *volume)
{
    ts_dir dir;
    ts_entry entry;
    int found = 0;
    IS(ts_dir_open(volume, "/nowhere", &dir), ENOENT_NUMBER);
    IS(ts_dir_open(volume, "/dir", &dir), 0);
    while (ts_dir_next(&dir, &entry) == 1)
    {
        found++;
        CHECK(strcmp(entry.name, "b.bin") == 0 && entry.size == 3003 && entry.is_dir == 0);
    }
    CHECK(found == 1);
    IS(ts_dir_close(&dir), 0);
    IS(ts_dir_close(&dir), EBADF_NUMBER);
    IS(ts_dir_next(&dir, &entry), EBADF_NUMBER);
    IS(ts_volume_remove(volume, "/dir/b.bin"), 0);
    IS(ts_volume_remove(volume, "/dir"), 0);
    IS(ts_volume_remove(volume, "/dir"), ENOENT_NUMBER);
    IS(ts_volume_sync(volume), 0);
}

static void bad_arguments_are_refused(void)
{
    static const char *const bad[] = {NULL, "", "a", "/a/", "//a", "/./a", "/..", "/\xff"};
    ts_file file = {NULL, 0};
    ts_volume *none = (ts_volume *)(void *)((uint8_t *)flash + 16);
    ts_stat stat;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    {
        IS(ts_file_open(flash, bad[i], "w", &file), EINVAL_NUMBER);
        IS(ts_volume_stat(flash, bad[i], &stat), EINVAL_NUMBER);
        IS(ts_volume_rename(flash, "/a", bad[i]), EINVAL_NUMBER);
    }
    IS(ts_file_open(flash, "/a", NULL, &file), EINVAL_NUMBER);
    IS(ts_file_open(flash, "/a", "", &file), EINVAL_NUMBER);
    IS(ts_file_open(flash, "/a", "q", &file), EINVAL_NUMBER);
    IS(ts_file_open(flash, "/a", "wz", &file), EINVAL_NUMBER);
    IS(ts_file_open(flash, "/a", "w", NULL), EINVAL_NUMBER);
    IS(ts_file_open(NULL, "/a", "w", &file), EINVAL_NUMBER);
    IS(ts_file_open(none, "/a", "w", &file), EINVAL_NUMBER);
    IS(ts_volume_stat(flash, "/", NULL), EINVAL_NUMBER);
    IS(ts_volume_space(flash, NULL), EINVAL_NUMBER);
    IS(ts_file_read(NULL, &stat, 1), EINVAL_NUMBER);
    IS(ts_file_read(&file, &stat, 1), EBADF_NUMBER);
    IS(ts_file_write(&file, &stat, 1), EBADF_NUMBER);
    IS(ts_file_seek(&file, 0, 0), EBADF_NUMBER);
    IS(ts_file_open(flash, "/a", "w", &file), 0);
    IS(ts_file_read(&file, NULL, 1), EINVAL_NUMBER);
    IS(ts_file_write(&file, NULL, 1), EINVAL_NUMBER);
    IS(ts_file_seek(&file, 0, 3), EINVAL_NUMBER);
    file.number += 1000;
    IS(ts_file_read(&file, &stat, 1), EBADF_NUMBER);
    file.number -= 1000;
    IS(ts_file_close(&file), 0);
    IS(ts_volume_remove(flash, "/a"), 0);
}

/* A card that is taken out closes its files; put back, it is found again. */
static void a_card_comes_and_goes(void)
{
    ts_file file;
    IS(ts_volume_format(card), 0);
    IS(ts_file_open(card, "/x", "w", &file), 0);
    IS(ts_file_write(&file, "x", 1), 1);
    ram_card_is_in = 0;
    IS(ts_file_sync(&file), ENODEV_NUMBER);
    IS(ts_file_close(&file), EBADF_NUMBER);
    IS(ts_volume_mount(card, 1), ENODEV_NUMBER);
    ram_card_is_in = 1;
    IS(ts_volume_mount(card, 0), 0);
}

static void a_full_volume_says_so(void)
{
    static uint8_t block[2048];
    ts_file file;
    int32_t result = 0;
    IS(ts_file_open(flash, "/big", "w", &file), 0);
    for (int i = 0; i < 200 && result >= 0; i++)
    {
        result = ts_file_write(&file, block, sizeof block);
    }
    IS(result, ENOSPC_NUMBER);
    (void)ts_file_close(&file);
    IS(ts_volume_remove(flash, "/big"), 0);
}

static ts_status with_gil(ts_vm *vm, void *argument)
{
    ts_file *file = argument;
    IS(ts_volume_mount(flash, 1), EDEADLK_NUMBER);
    IS(ts_file_close(file), EDEADLK_NUMBER);
    return ts_exec_string(vm, "t.py", "pass", 4);
}

static volatile int32_t result_of_interrupt;
static void in_interrupt(void) { result_of_interrupt = ts_volume_sync(flash); }

static void wrong_contexts_are_refused(void)
{
    ts_file file;
    IS(ts_file_open(flash, "/held", "w", &file), 0);
    start_a(with_gil, &file);
    IS(end_a(), TS_OK);
    IS(ts_file_close(&file), 0); /* The refusal has left it open. */
    board_interrupt(in_interrupt);
    IS(result_of_interrupt, EDEADLK_NUMBER);
}

static void python_has_the_same_files(void)
{
    ts_file file;
    char text[16] = "";
    IS(ts_volume_make_dir(flash, "/lib"), 0);
    IS(ts_file_open(flash, "/lib/mine.py", "w", &file), 0);
    IS(ts_file_write(&file, "answer = 42\n", 12), 12);
    IS(ts_file_close(&file), 0);
    IS(run_a("import os, sys, vfs\n"
             "sys.path.append('/flash/lib')\n"
             "import mine\n"
             "with open('/flash/out.txt', 'w') as f: f.write(str(mine.answer))\n"
             "os.mkdir('/flash/d'); os.rmdir('/flash/d')\n"
             "print(os.listdir('/'), os.getcwd(), os.stat('/flash/out.txt')[6])\n"
             "try: open('/nowhere/x')\n"
             "except OSError as e: print(e.errno)\n"),
       TS_OK);
    CHECK(console_has("['flash'] /flash 2\n2\n"));
    IS(ts_file_open(flash, "/out.txt", "r", &file), 0);
    IS(ts_file_read(&file, text, sizeof text), 2);
    CHECK(memcmp(text, "42", 2) == 0);
    IS(ts_file_close(&file), 0);
}

static void files_end_with_their_vm(void)
{
    ts_file file;
    IS(run_a("f = open('/flash/left.txt', 'w')\nf.write('left')\n"), TS_OK);
    IS(ts_volume_format(card), 0);
    /* Closed with the VM, so what was written is there. */
    IS(ts_file_open(flash, "/left.txt", "r", &file), 0);
    IS(ts_file_seek(&file, 0, 2), 4);
    IS(ts_file_close(&file), 0);
}

/* Where C has a file of that name, it comes first; writing there is not for Python. */
static int files_stat(void *context, const char *path, size_t len)
{
    (void)context;
    return len == 11 && memcmp(path, "/flash/c.py", 11) == 0;
}
static int32_t files_open(void *context, const char *path, size_t len)
{
    return files_stat(context, path, len) == 1 ? 0 : -2;
}
static int at;
static int32_t files_read(void *context, int32_t file, uint8_t *buf, size_t size)
{
    static const char text[] = "print('from C')\n";
    size_t n = sizeof text - 1 - (size_t)at;
    (void)context;
    (void)file;
    n = n < size ? n : size;
    memcpy(buf, text + at, n);
    at += (int)n;
    return (int32_t)n;
}
static void files_close(void *context, int32_t file)
{
    (void)context;
    (void)file;
    at = 0;
}

static ts_status mixed(ts_vm *vm, void *argument)
{
    static const char source[] = "import sys\n"
                                 "sys.path.append('/flash')\n"
                                 "import c\n"
                                 "open('/flash/out2.txt', 'w').close()\n"
                                 "try: open('/flash/c.py', 'w')\n"
                                 "except OSError as e: print(e.errno)\n";
    (void)argument;
    return ts_exec_string(vm, "t.py", source, sizeof source - 1);
}

static void the_vms_own_files_come_first(void)
{
    static const ts_files files = {files_stat, files_open, files_read, files_close};
    ts_config config = test_config();
    ts_status result = -1;
    ts_stat stat;
    config.files = &files;
    console_clear();
    IS(ts_create(&config, memory_a, sizeof memory_a, &vm_a), TS_OK);
    IS(ts_start(vm_a, mixed, NULL), TS_OK);
    IS(ts_join(vm_a, 10000, &result), TS_OK);
    IS(result, TS_OK);
    IS(ts_destroy(vm_a), TS_OK);
    CHECK(console_has("from C\n30\n"));
    IS(ts_volume_stat(flash, "/out2.txt", &stat), 0);
}

static ts_status appends(ts_vm *vm, void *source) { return ts_exec_string(vm, "t.py", source, strlen(source)); }

/* Two VMs and this task append to the same directory at once; a third of the files is everybody's. */
static void vms_and_c_share_a_volume(void)
{
    static const char source[] = "for i in range(20):\n"
                                 "    with open('/flash/%s.txt', 'a') as f: f.write('x' * 50)\n";
    char sources[2][128];
    ts_config config = test_config();
    ts_vm *vm_b;
    ts_status result = -1;
    ts_stat stat;
    ts_file file;
    for (int i = 0; i < 2; i++)
    {
        memcpy(sources[i], source, sizeof source);
        char *mark = strstr(sources[i], "%s");
        mark[0] = (char)('p' + i);
        mark[1] = (char)('p' + i);
    }
    start_a(appends, sources[0]);
    IS(ts_create(&config, memory_b, sizeof memory_b, &vm_b), TS_OK);
    IS(ts_start(vm_b, appends, sources[1]), TS_OK);
    for (int i = 0; i < 20; i++)
    {
        IS(ts_file_open(flash, "/c.txt", "a", &file), 0);
        IS(ts_file_write(&file, sources, 50), 50);
        IS(ts_file_close(&file), 0);
    }
    IS(end_a(), TS_OK);
    IS(ts_join(vm_b, 10000, &result), TS_OK);
    IS(result, TS_OK);
    IS(ts_destroy(vm_b), TS_OK);
    static const char *const names[] = {"/pp.txt", "/qq.txt", "/c.txt"};
    for (int i = 0; i < 3; i++)
    {
        IS(ts_volume_stat(flash, names[i], &stat), 0);
        CHECK(stat.size == 1000);
    }
}

void test_storage(void)
{
    c_uses_a_volume(flash);
    directories_are_listed(flash);
    c_uses_a_volume(card);
    directories_are_listed(card);
    bad_arguments_are_refused();
    a_card_comes_and_goes();
    a_full_volume_says_so();
    wrong_contexts_are_refused();
    python_has_the_same_files();
    files_end_with_their_vm();
    the_vms_own_files_come_first();
    vms_and_c_share_a_volume();
}
