import { realpath, stat } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.ico': 'image/x-icon',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
  '.ttf': 'font/ttf',
  '.wasm': 'application/wasm',
  '.map': 'application/json',
};

export interface PageFile {
  path: string;
  bytes: number;
  contentType: string;
  /** Files under assets/ carry a hash of their content in their name, so a browser may keep them for good. */
  cacheControl: string;
}

/**
 * The file of the built page that a URL path (still percent-encoded) names, or null. Nothing outside `folder` is ever named:
 * not by `..`, an encoded separator, a drive letter, nor a symbolic link.
 */
export async function findPageFile(folder: string, urlPath: string): Promise<PageFile | null> {
  const segments = decodeSegments(urlPath);
  if (!segments) return null;
  const relative = segments.length === 0 ? ['index.html'] : segments;
  try {
    const root = await realpath(folder);
    const path = await realpath(join(root, ...relative));
    if (!path.startsWith(root + sep)) return null;
    const found = await stat(path);
    if (!found.isFile()) return null;
    return {
      path,
      bytes: found.size,
      contentType: types[extname(path).toLowerCase()] ?? 'application/octet-stream',
      cacheControl: relative[0] === 'assets' ? 'public, max-age=31536000, immutable' : 'no-cache',
    };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES' || code === 'ENAMETOOLONG' || code === 'ELOOP')
      return null;
    throw error;
  }
}

function decodeSegments(urlPath: string): string[] | null {
  const segments: string[] = [];
  for (const part of urlPath.split('/')) {
    if (part === '') continue;
    let segment: string;
    try {
      segment = decodeURIComponent(part);
    } catch {
      return null;
    }
    // A colon is a drive or a stream on Windows; the build never makes one.
    if (segment === '.' || segment === '..' || /[/\\:\0]/.test(segment)) return null;
    segments.push(segment);
  }
  return segments;
}
