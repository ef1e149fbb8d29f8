/** What pushgate runs on, in words; `engines` of package.json says the same. */
export const NEEDED_NODE = 'Node 20.19 or later, or 22.12 or later';

/** Whether pushgate runs on a version of Node, such as `20.19.0`. */
export function runsOn(nodeVersion: string): boolean {
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number);
  return (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22;
}
