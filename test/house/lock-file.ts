interface LockedPackage {
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
}

export interface LockFile {
  packages: Record<string, LockedPackage>
}

/**
 * What the lock file needs and does not hold: with a gap, `npm ci` refuses a fresh clone. npm makes
 * one without a word where a package's build for another platform is not (yet) in the registry.
 */
export function findLockGaps({ packages }: LockFile): string[] {
  return Object.entries(packages).flatMap(([path, entry]) => {
    const wanted = {
      ...entry.dependencies,
      ...entry.optionalDependencies,
      ...entry.devDependencies,
    }
    return Object.entries(wanted)
      .filter(([name]) => !isFound(path, name, packages))
      .map(([name, range]) => `${path || 'package.json'} needs ${name} ${range}`)
  })
}

/** Looks where Node looks: in the package's own node_modules, then in those of the folders above. */
function isFound(path: string, name: string, packages: LockFile['packages']): boolean {
  for (let folder = path; ; folder = folderAbove(folder)) {
    const candidate = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`
    if (Object.hasOwn(packages, candidate)) return true
    if (folder === '') return false
  }
}

/** Of `node_modules/a/node_modules/b`: `node_modules/a`; of `node_modules/a`: the project, ''. */
function folderAbove(folder: string): string {
  return folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1))
}
