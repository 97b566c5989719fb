/** Whether a project is one of these folders or lies inside one. Both kinds of slashes separate. */
export function isInFolders(project: string, folders: readonly string[]): boolean {
  const path = comparable(project);
  return (
    path !== '' &&
    folders.some((folder) => {
      const root = comparable(folder);
      return root !== '' && (path === root || path.startsWith(root.endsWith('/') ? root : `${root}/`));
    })
  );
}

/** With forward slashes, none at the end; Windows paths, which ignore case, in small letters. */
function comparable(path: string): string {
  const slashed = path.replaceAll('\\', '/');
  const trimmed = slashed.length > 1 ? slashed.replace(/\/+$/, '') : slashed;
  const windows = /^[a-z]:/i.test(trimmed) || trimmed.startsWith('//');
  return windows ? trimmed.toLowerCase() : trimmed;
}
