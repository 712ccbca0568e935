import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { isIP, isIPv4 } from 'node:net';

/** Who may talk to the server. A page of another site, even one whose name was rebound to 127.0.0.1, may not. */
export interface Access {
  /** Goes into the printed address and signs in one browser, which then holds `session` in a cookie it can't read. */
  token: string;
  session: string;
  cookieName: string;
  /** Lower-case host names and addresses (IPv6 in brackets) under which the server is known. */
  hosts: ReadonlySet<string>;
}

export function createAccess(port: number, hosts: Iterable<string>): Access {
  return {
    token: secret(),
    session: secret(),
    // Browsers share cookies between the ports of a host: two labs must not sign each other out.
    cookieName: `deltalab-${port}`,
    hosts: new Set(['127.0.0.1', 'localhost', '[::1]', ...[...hosts].map(bracketed)]),
  };
}

/** Whether the token is the one in force; it is used up by that, and another takes its place. */
export function takeToken(given: string, access: Access): boolean {
  if (!equalSecrets(given, access.token)) return false;
  access.token = secret();
  return true;
}

function secret(): string {
  return randomBytes(32).toString('base64url');
}

export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[(.*)\]$/, '$1');
  return name === 'localhost' || name === '::1' || (isIPv4(name) && name.startsWith('127.'));
}

function bracketed(host: string): string {
  return (isIP(host) === 6 ? `[${host}]` : host).toLowerCase();
}

/**
 * The Host header as sent, when it names this server; null otherwise. The port is left open on purpose: an SSH tunnel changes
 * it, and it plays no part in rebinding.
 */
export function trustedHost(headers: IncomingHttpHeaders, access: Access): string | null {
  const host = headers.host?.toLowerCase();
  const name = host && /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?$/.exec(host)?.[1];
  return host && name && access.hosts.has(name) ? host : null;
}

/** Whether a request that may change something comes from a page this server gave out. */
export function isOwnOrigin(headers: IncomingHttpHeaders, host: string): boolean {
  return headers.origin?.toLowerCase() === `http://${host}`;
}

/** Browsers say so themselves when another site loads something from here. Following a link to the lab is allowed. */
export function isForeignLoad(headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  return site !== undefined && site !== 'same-origin' && site !== 'none' && headers['sec-fetch-mode'] !== 'navigate';
}

export function hasSession(headers: IncomingHttpHeaders, access: Access): boolean {
  for (const pair of (headers.cookie ?? '').split(';')) {
    const [name, value] = pair.trim().split('=', 2);
    if (name === access.cookieName && equalSecrets(value ?? '', access.session)) return true;
  }
  return false;
}

export function sessionCookie(access: Access): string {
  return `${access.cookieName}=${access.session}; Path=/; HttpOnly; SameSite=Strict`;
}

/** Takes the same time wherever the difference lies, and whatever the lengths. */
function equalSecrets(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
