/*
 * FatFs for Rust: its structures stay in here, only fixed-width types and opaque blocks go across.
 *
 * A volume is a block of ts_fat_volume_bytes() and a drive number below ts_fat_drives(), which nobody else uses
 * meanwhile. Results are FatFs' own numbers (FRESULT), 0 for success.
 */
#include <stdint.h>
#include <string.h>
#include "ff.h"
#include "diskio.h"

/* In Rust: the device that was lent. */
extern uint32_t ts_fat_read(void *device, uint8_t *buffer, uint32_t sector, uint32_t count);
extern uint32_t ts_fat_write(void *device, const uint8_t *buffer, uint32_t sector, uint32_t count);
extern uint32_t ts_fat_sync(void *device);
extern uint32_t ts_fat_sectors(void *device);
extern uint32_t ts_fat_sector_size(void *device);
extern uint32_t ts_fat_is_read_only(void *device);

struct entry
{
    uint32_t is_dir, read_only, size, date_time;
};

struct space
{
    uint32_t cluster_bytes, clusters, free;
};

static void *lent[FF_VOLUMES];
static volatile uint32_t now;

uint32_t ts_fat_drives(void) { return FF_VOLUMES; }
uint32_t ts_fat_volume_bytes(void) { return sizeof(FATFS); }
uint32_t ts_fat_file_bytes(void) { return sizeof(FIL); }
uint32_t ts_fat_dir_bytes(void) { return sizeof(DIR); }

/* The device of a drive from now on, and the time for what is written (as FatFs packs it). */
void ts_fat_lend(uint32_t drive, void *device, uint32_t date_time)
{
    lent[drive] = device;
    if (date_time != 0)
    {
        now = date_time;
    }
}

DWORD get_fattime(void) { return now; }

DSTATUS disk_status(BYTE drive)
{
    if (lent[drive] == NULL)
    {
        return STA_NOINIT;
    }
    return ts_fat_is_read_only(lent[drive]) ? STA_PROTECT : 0;
}

DSTATUS disk_initialize(BYTE drive) { return disk_status(drive); }

DRESULT disk_read(BYTE drive, BYTE *buffer, LBA_t sector, UINT count)
{
    return lent[drive] == NULL ? RES_NOTRDY : (DRESULT)ts_fat_read(lent[drive], buffer, sector, count);
}

DRESULT disk_write(BYTE drive, const BYTE *buffer, LBA_t sector, UINT count)
{
    return lent[drive] == NULL ? RES_NOTRDY : (DRESULT)ts_fat_write(lent[drive], buffer, sector, count);
}

DRESULT disk_ioctl(BYTE drive, BYTE command, void *out)
{
    if (lent[drive] == NULL)
    {
        return RES_NOTRDY;
    }
    switch (command)
    {
        case CTRL_SYNC: return (DRESULT)ts_fat_sync(lent[drive]);
        case GET_SECTOR_COUNT: *(LBA_t *)out = ts_fat_sectors(lent[drive]); return RES_OK;
        case GET_SECTOR_SIZE: *(WORD *)out = (WORD)ts_fat_sector_size(lent[drive]); return RES_OK;
        case GET_BLOCK_SIZE: *(DWORD *)out = 1; return RES_OK;
        default: return RES_PARERR;
    }
}

#define PATH_BYTES 260

/* "<drive>:<path>"; paths are at most 255 bytes long. */
static const char *full(char *out, uint32_t drive, const char *path)
{
    size_t n = strlen(path);
    out[0] = (char)('0' + drive);
    out[1] = ':';
    memcpy(out + 2, path, n < PATH_BYTES - 3 ? n : PATH_BYTES - 3);
    out[2 + (n < PATH_BYTES - 3 ? n : PATH_BYTES - 3)] = 0;
    return out;
}

uint32_t ts_fat_mkfs(uint32_t drive, uint32_t fat32, void *work, uint32_t bytes)
{
    char path[PATH_BYTES];
    MKFS_PARM parameters = { .fmt = fat32 ? FM_FAT32 : FM_FAT | FM_SFD };
    return f_mkfs(full(path, drive, ""), &parameters, work, bytes);
}

uint32_t ts_fat_mount(uint32_t drive, void *volume)
{
    char path[PATH_BYTES];
    memset(volume, 0, sizeof(FATFS));
    return f_mount(volume, full(path, drive, ""), 1);
}

void ts_fat_unmount(uint32_t drive)
{
    char path[PATH_BYTES];
    (void)f_mount(NULL, full(path, drive, ""), 0);
}

static void fill(struct entry *out, const FILINFO *info)
{
    out->is_dir = (info->fattrib & AM_DIR) != 0;
    out->read_only = (info->fattrib & AM_RDO) != 0;
    out->size = info->fsize;
    out->date_time = (uint32_t)info->fdate << 16 | info->ftime;
}

uint32_t ts_fat_stat(uint32_t drive, const char *name, struct entry *out)
{
    char path[PATH_BYTES];
    FILINFO info;
    FRESULT result = f_stat(full(path, drive, name), &info);
    if (result == FR_OK)
    {
        fill(out, &info);
    }
    return result;
}

uint32_t ts_fat_space(uint32_t drive, struct space *out)
{
    char path[PATH_BYTES];
    DWORD free;
    FATFS *fs;
    FRESULT result = f_getfree(full(path, drive, ""), &free, &fs);
    if (result == FR_OK)
    {
        out->cluster_bytes = (uint32_t)fs->csize * fs->ssize;
        out->clusters = fs->n_fatent - 2;
        out->free = free;
    }
    return result;
}

uint32_t ts_fat_unlink(uint32_t drive, const char *name)
{
    char path[PATH_BYTES];
    return f_unlink(full(path, drive, name));
}

uint32_t ts_fat_mkdir(uint32_t drive, const char *name)
{
    char path[PATH_BYTES];
    return f_mkdir(full(path, drive, name));
}

uint32_t ts_fat_rename(uint32_t drive, const char *from, const char *to)
{
    char old[PATH_BYTES], new[PATH_BYTES];
    return f_rename(full(old, drive, from), full(new, drive, to));
}

uint32_t ts_fat_open(uint32_t drive, FIL *file, const char *name, uint32_t mode)
{
    char path[PATH_BYTES];
    return f_open(file, full(path, drive, name), (BYTE)mode);
}

/* What tells two entries of one volume apart. */
uint64_t ts_fat_file_entry(const FIL *file)
{
    return (uint64_t)file->dir_sect << 32 | (uint32_t)(file->dir_ptr - file->obj.fs->win);
}

uint32_t ts_fat_close(FIL *file) { return f_close(file); }
uint32_t ts_fat_sync_file(FIL *file) { return f_sync(file); }
uint32_t ts_fat_read_file(FIL *file, void *buffer, uint32_t bytes, uint32_t *done)
{
    UINT n = 0;
    FRESULT result = f_read(file, buffer, bytes, &n);
    *done = n;
    return result;
}
uint32_t ts_fat_write_file(FIL *file, const void *buffer, uint32_t bytes, uint32_t *done)
{
    UINT n = 0;
    FRESULT result = f_write(file, buffer, bytes, &n);
    *done = n;
    return result;
}
uint32_t ts_fat_seek(FIL *file, uint32_t position) { return f_lseek(file, position); }
uint32_t ts_fat_tell(const FIL *file) { return f_tell(file); }
uint32_t ts_fat_size(const FIL *file) { return f_size(file); }

uint32_t ts_fat_open_dir(uint32_t drive, DIR *dir, const char *name)
{
    char path[PATH_BYTES];
    return f_opendir(dir, full(path, drive, name));
}

/* An entry, its name terminated in `name` (256 bytes), which is empty at the end. */
uint32_t ts_fat_read_dir(DIR *dir, char *name, struct entry *out)
{
    FILINFO info;
    FRESULT result = f_readdir(dir, &info);
    if (result == FR_OK)
    {
        memcpy(name, info.fname, FF_LFN_BUF + 1);
        fill(out, &info);
    }
    return result;
}

uint32_t ts_fat_close_dir(DIR *dir) { return f_closedir(dir); }
