import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { LabError, systemReason } from '../../shared/errors';

export interface FileFacts {
  path: string;
  bytes: number;
  modified: number;
}

/** Paths of a recipe are absolute, or relative to the project folder. */
export function resolveDataPath(path: string, projectFolder: string): string {
  return isAbsolute(path) ? path : resolve(projectFolder, path);
}

/** The other way round: relative with forward slashes when inside the project, so that a project can be moved. */
export function recipePath(path: string, projectFolder: string | null): string {
  const absolute = resolve(path);
  if (projectFolder === null) return absolute;
  const inside = relative(resolve(projectFolder), absolute);
  const outside = inside === '' || inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside);
  return outside ? absolute : inside.split(sep).join('/');
}

export async function fileFacts(path: string): Promise<FileFacts> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) throw new LabError('data.is-folder', { file: path });
    if (!found.isFile()) throw new LabError('data.not-a-file', { file: path });
    return { path, bytes: found.size, modified: found.mtimeMs };
  } catch (error) {
    throw fileError(path, error);
  }
}

/** A failed read in the words of the product. */
export function fileError(path: string, error: unknown): LabError {
  if (error instanceof LabError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT' || code === 'ENOTDIR') return new LabError('data.file-not-found', { file: path });
  return new LabError('data.file-unreadable', { file: path, reason: systemReason(error) }, { cause: error });
}

export async function readHead(path: string, bytes: number): Promise<Buffer> {
  try {
    const handle = await open(path, 'r');
    try {
      const buffer = Buffer.alloc(bytes);
      const { bytesRead } = await handle.read(buffer, 0, bytes, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw fileError(path, error);
  }
}

export function isGzip(head: Uint8Array): boolean {
  return head.length >= 3 && head[0] === 0x1f && head[1] === 0x8b && head[2] === 0x08;
}

// A recipe is tried again with every click on the Data page; the file is hashed once as long as it does not change.
const knownHashes = new Map<string, string>();

export async function sha256OfFile(facts: FileFacts): Promise<string> {
  const key = `${facts.path}\n${facts.bytes}\n${facts.modified}`;
  const known = knownHashes.get(key);
  if (known !== undefined) return known;
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(facts.path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  } catch (error) {
    throw fileError(facts.path, error);
  }
  const digest = hash.digest('hex');
  if (knownHashes.size >= 64) knownHashes.clear();
  knownHashes.set(key, digest);
  return digest;
}
