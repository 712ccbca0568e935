import { readFile } from 'node:fs/promises';
import type { Protocol } from 'electron';
import { securityHeaders } from '../security/csp';
import { findPageFile } from '../security/files';
import { pageHost, pageScheme } from './rules';

/** Before the app is ready: app: is a proper origin, so that 'self', modules and storage work as on the web. */
export function registerPageScheme(protocol: Pick<Protocol, 'registerSchemesAsPrivileged'>): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: pageScheme, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
}

export function handlePageScheme(protocol: Pick<Protocol, 'handle'>, rendererFolder: string): void {
  protocol.handle(pageScheme, (request) => answerPage(request, rendererFolder));
}

/** The built page's files under app://deltalab/, with the headers the browser door sends. */
export async function answerPage(request: Pick<Request, 'url' | 'method'>, rendererFolder: string): Promise<Response> {
  const refuse = (status: number): Response => new Response(null, { status, headers: securityHeaders() });
  const url = new URL(request.url);
  if (url.protocol !== `${pageScheme}:` || url.host !== pageHost) return refuse(403);
  if (request.method !== 'GET') return refuse(405);
  const file = await findPageFile(rendererFolder, url.pathname);
  if (!file) return refuse(404);
  return new Response(new Uint8Array(await readFile(file.path)), {
    headers: { ...securityHeaders(), 'Content-Type': file.contentType, 'Cache-Control': file.cacheControl },
  });
}
