/** The primary result code of an error of SQLite (https://sqlite.org/rescode.html); undefined for any other error. */
function resultCode(error: unknown): number | undefined {
  const { errcode } = (error ?? {}) as { readonly errcode?: unknown };
  return typeof errcode === "number" ? errcode & 0xff : undefined;
}

const CODE = {
  busy: 5,
  readOnly: 8,

  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notDatabase: 26,
} as const;

/** Why nothing can be recorded, and what to do, for the one who runs the gateway. */
export function describeProblem(error: unknown): string {
  const { code: errno, message } = error as NodeJS.ErrnoException;
  const full = "the disk is full, or traffic.maxSize reached at once: make room, and recording goes on";
  const denied = "the file or its folder cannot be written: check who may, and recording goes on";
  switch (resultCode(error)) {
    case CODE.busy:
      return "another process has locked the file: end it, and recording goes on";
    case CODE.full:
      return full;
    case CODE.readOnly:
    case CODE.cannotOpen:
      return denied;
    case CODE.corrupt:
    case CODE.notDatabase:
      return "the file is damaged: move it away and restart the gateway";
    default:
      if (errno === "ENOSPC" || errno === "EDQUOT") return full;
      return errno === "EACCES" || errno === "EROFS" || errno === "EPERM" ? denied : message;
  }
}

/** Whether the file itself is wrong, so that waiting does not help. */
export function isDamage(error: unknown): boolean {
  const result = resultCode(error);
  return result === CODE.corrupt || result === CODE.notDatabase;
}

/** Whether the file is as good as before: full, or locked. */
export function isPassing(error: unknown): boolean {
  const result = resultCode(error);
  return result === CODE.busy || result === CODE.full;
}

/** Whether there can be no file of this name. */
export function isNoFile(error: unknown): boolean {
  return ["ENOENT", "ENOTDIR", "EISDIR", "ENAMETOOLONG"].includes(
    (error as NodeJS.ErrnoException).code ?? "",
  );
}
