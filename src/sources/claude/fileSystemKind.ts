import { statfsSync } from 'node:fs';

/** Linux's numbers for file systems on which everything that is written on this machine is told as an event. */
const told = new Set([
  0xef53, // ext2, ext3, ext4
  0x58465342, // XFS
  0x9123683e, // Btrfs
  0x01021994, // tmpfs
  0xf2f52010, // F2FS
  0x2fc12fc1, // ZFS
  0x794c7630, // overlayfs
]);

/** Those on which others write as well, of which this machine is not told. */
const shared = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x01021997, '9P'],
  [0x65735546, 'FUSE'],
  [0x786f4256, 'vboxsf'],
  [0x00c36400, 'Ceph'],
]);

/** What a folder's file system is known to do: tell of every change, keep some to itself (then its name), or neither. */
export function fileSystemKind(folder: string): { readonly tells: boolean; readonly shared: string | null } {
  if (process.platform !== 'linux') return { tells: false, shared: null };
  try {
    // Some of the numbers have come out negative.
    const type = statfsSync(folder).type >>> 0;
    return { tells: told.has(type), shared: shared.get(type) ?? null };
  } catch {
    // It is not there, or may not be asked about: nothing is known.
    return { tells: false, shared: null };
  }
}
