/** Places that are not on this machine. */

/** Whether a path of a run file is a URL of a web server or an object store. */
export function isRemoteUrl(path: string): boolean {
  return /^(?:https?|s3):\/\//.test(path);
}
