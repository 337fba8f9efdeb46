/*
 * littlefs for Rust: its structures stay in here, only fixed-width types and opaque blocks go across.
 *
 * Compiled twice, against littlefs 1 and 2 (TS_LFS_VERSION). Blocks are the caller's, 16-aligned, of the size that
 * the *_bytes functions name, and do not move while they are in use. Results below zero are errno numbers, negated.
 */
#include <stddef.h>
#include "lfs.h"

#define JOIN_(a, b, c) a##b##_##c
#define JOIN(a, b, c) JOIN_(a, b, c)
#define TS(name) JOIN(ts_lfs, TS_LFS_VERSION, name)
#define ROUND(n) (((uint32_t)(n) + 15u) & ~15u)

/* The attribute with the time of the last change: nanoseconds since 1970, 8 bytes, little-endian. */
#define ATTR_MTIME 1

/* In Rust: the device that was lent. */
extern int32_t ts_lfs_read(void *device, uint32_t block, uint32_t offset, void *buffer, uint32_t size);
extern int32_t ts_lfs_prog(void *device, uint32_t block, uint32_t offset, const void *buffer, uint32_t size);
extern int32_t ts_lfs_erase(void *device, uint32_t block);
extern int32_t ts_lfs_sync(void *device);

struct geometry
{
    uint32_t read_size, prog_size, block_size, block_count, cache_size, lookahead_size;
    int32_t block_cycles;
};

struct info
{
    uint32_t is_dir, size;
};

struct volume
{
    lfs_t lfs;
    struct lfs_config config;
    /* The device failed during this call. */
    bool failed;
};

#define NO_BLOCK ((lfs_block_t)-1)

struct file
{
    lfs_file_t file;
    struct lfs_file_config config;
#if TS_LFS_VERSION == 2
    struct lfs_attr attr;
#endif
    uint8_t mtime[8];
};

static int dev_read(const struct lfs_config *c, lfs_block_t block, lfs_off_t off, void *buffer, lfs_size_t size)
{
    int result = ts_lfs_read(c->context, block, off, buffer, size);
    if (result < 0)
    {
        ((struct volume *)((uint8_t *)c - offsetof(struct volume, config)))->failed = true;
    }
    return result;
}

static int dev_prog(const struct lfs_config *c, lfs_block_t block, lfs_off_t off, const void *buffer, lfs_size_t size)
{
    return ts_lfs_prog(c->context, block, off, buffer, size);
}

static int dev_erase(const struct lfs_config *c, lfs_block_t block) { return ts_lfs_erase(c->context, block); }

static int dev_sync(const struct lfs_config *c) { return ts_lfs_sync(c->context); }

#if TS_LFS_VERSION == 1
/* littlefs 1 sizes its caches by the reads and writes themselves. */
static uint32_t read_bytes(const struct geometry *g) { return ROUND(g->read_size); }
static uint32_t prog_bytes(const struct geometry *g) { return ROUND(g->prog_size); }
#else
static uint32_t read_bytes(const struct geometry *g) { return ROUND(g->cache_size); }
static uint32_t prog_bytes(const struct geometry *g) { return ROUND(g->cache_size); }
#endif

uint32_t TS(volume_bytes)(const struct geometry *g)
{
    return ROUND(sizeof(struct volume)) + read_bytes(g) + prog_bytes(g) + ROUND(g->lookahead_size);
}

uint32_t TS(file_bytes)(const struct geometry *g) { return ROUND(sizeof(struct file)) + prog_bytes(g); }

uint32_t TS(dir_bytes)(void) { return sizeof(lfs_dir_t); }

static void set_up(struct volume *v, const struct geometry *g)
{
    uint8_t *buffers = (uint8_t *)v + ROUND(sizeof(struct volume));
    memset(v, 0, sizeof *v);
    v->config.read = dev_read;
    v->config.prog = dev_prog;
    v->config.erase = dev_erase;
    v->config.sync = dev_sync;
    v->config.read_size = g->read_size;
    v->config.prog_size = g->prog_size;
    v->config.block_size = g->block_size;
    v->config.block_count = g->block_count;
    v->config.read_buffer = buffers;
    v->config.prog_buffer = buffers + read_bytes(g);
    v->config.lookahead_buffer = buffers + read_bytes(g) + prog_bytes(g);
#if TS_LFS_VERSION == 1
    v->config.lookahead = g->lookahead_size * 8;
#else
    v->config.lookahead_size = g->lookahead_size;
    v->config.cache_size = g->cache_size;
    v->config.block_cycles = g->block_cycles;
#endif
}

/* The device from now on; NULL ends the call. littlefs takes its cache for filled also where reading failed. */
void TS(lend)(struct volume *v, void *device)
{
    v->config.context = device;
    if (device == NULL && v->failed)
    {
        v->failed = false;
        v->lfs.rcache.block = NO_BLOCK;
    }
}

int32_t TS(format)(struct volume *v, const struct geometry *g, void *device)
{
    set_up(v, g);
    v->config.context = device;
    return lfs_format(&v->lfs, &v->config);
}

int32_t TS(mount)(struct volume *v, const struct geometry *g, void *device)
{
    set_up(v, g);
    int32_t result;
    v->config.context = device;
    result = lfs_mount(&v->lfs, &v->config);
#if TS_LFS_VERSION == 2
    if (result >= 0)
    {
        /* A rename that a power cut left half done hides other entries until the next write: end it now. A device
         * that cannot be written is read as it is. */
        (void)lfs_fs_mkconsistent(&v->lfs);
    }
#endif
    return result;
}

int32_t TS(unmount)(struct volume *v) { return lfs_unmount(&v->lfs); }

int32_t TS(remove)(struct volume *v, const char *path) { return lfs_remove(&v->lfs, path); }

int32_t TS(rename)(struct volume *v, const char *from, const char *to) { return lfs_rename(&v->lfs, from, to); }

int32_t TS(mkdir)(struct volume *v, const char *path) { return lfs_mkdir(&v->lfs, path); }

int32_t TS(stat)(struct volume *v, const char *path, struct info *out)
{
    struct lfs_info info;
    int32_t result = lfs_stat(&v->lfs, path, &info);
    if (result >= 0)
    {
        out->is_dir = info.type == LFS_TYPE_DIR;
        out->size = out->is_dir ? 0 : info.size;
    }
    return result;
}

/* The attribute of a path in `mtime` (8 bytes); an error where it has none. */
int32_t TS(get_mtime)(struct volume *v, const char *path, uint8_t *mtime)
{
#if TS_LFS_VERSION == 2
    int32_t result = lfs_getattr(&v->lfs, path, ATTR_MTIME, mtime, 8);
    return result == 8 || result < 0 ? result : LFS_ERR_NOATTR;
#else
    (void)v, (void)path, (void)mtime;
    return -61;
#endif
}

#if TS_LFS_VERSION == 1
static int count_block(void *count, lfs_block_t block)
{
    (void)block;
    ++*(uint32_t *)count;
    return 0;
}
#endif

int32_t TS(used_blocks)(struct volume *v)
{
#if TS_LFS_VERSION == 2
    return lfs_fs_size(&v->lfs);
#else
    uint32_t count = 0;
    int32_t result = lfs_traverse(&v->lfs, count_block, &count);
    return result < 0 ? result : (int32_t)count;
#endif
}

int32_t TS(file_open)(struct volume *v, struct file *f, const char *path, int32_t flags, uint32_t with_mtime)
{
    memset(f, 0, sizeof *f);
    f->config.buffer = (uint8_t *)f + ROUND(sizeof(struct file));
#if TS_LFS_VERSION == 2
    if (with_mtime)
    {
        f->attr.type = ATTR_MTIME;
        f->attr.buffer = f->mtime;
        f->attr.size = sizeof f->mtime;
        f->config.attrs = &f->attr;
        f->config.attr_count = 1;
    }
#else
    (void)with_mtime;
#endif
    return lfs_file_opencfg(&v->lfs, &f->file, path, flags, &f->config);
}

void TS(file_mtime)(struct file *f, const uint8_t *mtime) { memcpy(f->mtime, mtime, sizeof f->mtime); }

int32_t TS(file_close)(struct volume *v, struct file *f) { return lfs_file_close(&v->lfs, &f->file); }

int32_t TS(file_sync)(struct volume *v, struct file *f) { return lfs_file_sync(&v->lfs, &f->file); }

int32_t TS(file_read)(struct volume *v, struct file *f, void *buffer, uint32_t size)
{
    int32_t result = lfs_file_read(&v->lfs, &f->file, buffer, size);
    uint32_t own = LFS_F_WRITING;
#if TS_LFS_VERSION == 2
    own |= LFS_F_INLINE;
#endif
    if (v->failed && (f->file.flags & own) == 0)
    {
        /* As the volume's cache; one with what is only there is kept. */
        f->file.cache.block = NO_BLOCK;
    }
    return result;
}

int32_t TS(file_write)(struct volume *v, struct file *f, const void *buffer, uint32_t size)
{
    return lfs_file_write(&v->lfs, &f->file, buffer, size);
}

/* The new position: littlefs 1 returns the old one. */
int32_t TS(file_seek)(struct volume *v, struct file *f, int32_t offset, int32_t whence)
{
    int32_t result = lfs_file_seek(&v->lfs, &f->file, offset, whence);
    return result < 0 ? result : lfs_file_tell(&v->lfs, &f->file);
}

int32_t TS(dir_open)(struct volume *v, lfs_dir_t *d, const char *path)
{
    memset(d, 0, sizeof *d);
    return lfs_dir_open(&v->lfs, d, path);
}

/* 1 and an entry, its name terminated in `name` (256 bytes); 0 at the end. Never `.` and `..`. */
int32_t TS(dir_read)(struct volume *v, lfs_dir_t *d, char *name, struct info *out)
{
    struct lfs_info info;
    int32_t result;
    do
    {
        result = lfs_dir_read(&v->lfs, d, &info);
    } while (result > 0 && info.name[0] == '.' && (info.name[1] == 0 || (info.name[1] == '.' && info.name[2] == 0)));
    if (result > 0)
    {
        memcpy(name, info.name, sizeof info.name);
        out->is_dir = info.type == LFS_TYPE_DIR;
        out->size = out->is_dir ? 0 : info.size;
    }
    return result;
}

int32_t TS(dir_close)(struct volume *v, lfs_dir_t *d) { return lfs_dir_close(&v->lfs, d); }
