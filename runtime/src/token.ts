import { sleep } from './dom.ts';
import type { Settings } from './options.ts';

/** An operator token that may be used until `deadline`, in milliseconds of this device's clock. */
export interface Token {
  jwt: string;
  deadline: number;
}

/** Why there is no widget; `retry` when trying again may help. */
export interface Failure {
  code: string;
  retry?: boolean;
  status?: number;
  /** Milliseconds that the server asked to wait. */
  after?: number;
}

const DAY = 864e5;
const LIMIT = 8192;
const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1])$/;

export const fail = (code: string, retry?: boolean, status?: number, after?: number): Failure => ({
  code,
  retry,
  status,
  after,
});

/** Full jitter: anything up to a bound that doubles with every attempt. */
export const backoff = (attempt: number): number => Math.random() * Math.min(3e4, 1e3 * 2 ** attempt);

/** A point in time as a reply may write it: RFC 3339, seconds or milliseconds since 1970. NaN when there is none. */
const instant = (value: unknown): number => (Number(value) ? Number(value) * (Number(value) < 1e11 ? 1e3 : 1) : Date.parse(value as string));

/** Finds the token in whatever shape the endpoint answers with, checks it, and works out how long it lasts. */
export const readReply = (reply: unknown, date?: string | null): Token => {
  let value = reply;
  let expiresAt = NaN;
  // Each turn takes one wrapping off: JSON text around an object, around a string, around a string once more.
  for (let turns = 4; turns--; ) {
    if (Object(value) === value) {
      const body = value as { token: unknown; expiresAt?: unknown; expiration?: unknown };
      expiresAt = instant(body.expiresAt ?? body.expiration);
      value = body.token;
    } else {
      try {
        value = JSON.parse(value as string);
      } catch {
        break;
      }
    }
  }
  const jwt = String(value).replace(/^[\s'"]+|[\s'"]+$/g, '');
  const now = Date.now();
  let claims: { iat?: number; exp?: number } = {};
  if (String(reply).length > LIMIT || jwt.length > LIMIT) throw fail('reply');
  if (jwt !== 'test-token-for-development' || !LOOPBACK.test(location.hostname)) {
    try {
      const [, payload] = /^[\w-]+\.([\w-]+)\.[\w-]+$/.exec(jwt)!;
      claims = Object(JSON.parse(atob(payload!.replace(/-/g, '+').replace(/_/g, '/'))));
    } catch {
      throw fail('reply');
    }
  }
  const issued = claims.iat! * 1e3;
  const expires = claims.exp! * 1e3;
  // How far the server's clock is ahead of ours. Without a Date header the token's own times tell only when they
  // contradict our clock: a server may hand out a token that it minted hours ago.
  let ahead = Date.parse(date!) - now;
  if (isNaN(ahead)) ahead = issued > now + 6e4 || (issued && expires <= now) ? issued - now : 0;
  return { jwt, deadline: Math.min(expiresAt || Infinity, expires || Infinity, now + ahead + DAY) - ahead };
};

const request = async (settings: Settings, org: string | undefined, signal: AbortSignal): Promise<Token> => {
  let reply: Response;
  let url: URL;
  if (settings.getToken) {
    try {
      return readReply(await settings.getToken(org, signal));
    } catch (error) {
      const { code, status } = Object(error) as Failure;
      throw code ? error : refusal(status);
    }
  }
  try {
    url = new URL(settings.endpoint!, document.baseURI);
  } catch {
    throw fail('config');
  }
  if (!settings.endpoint || (url.origin !== location.origin && url.protocol !== 'https:')) throw fail('config');
  if (org) url.searchParams.set('org', org);
  let body: string;
  try {
    reply = await fetch(url.href, {
      signal,
      cache: 'no-store',
      credentials: settings.credentials || 'same-origin',
      headers: { accept: 'application/json' },
    });
    body = await reply.text();
  } catch {
    throw fail('network', true);
  }
  if (!reply.ok) throw refusal(reply.status, reply.headers.get('retry-after'));
  return readReply(body, reply.headers.get('date'));
};

/** What an HTTP status means: asking again helps with 408, 429, server errors, and errors that have none. */
const refusal = (status?: number, after?: string | null): Failure =>
  fail('http', !status || status > 499 || status === 408 || status === 429, status, Number(after) * 1e3 || Date.parse(after!) - Date.now() || 0);

/** Gets a token, patiently; rejects with a `Failure`. `offline` is told when it waits for the network, and when not. */
export const acquire = async (
  settings: Settings,
  org: string | undefined,
  signal: AbortSignal,
  offline: (waits: boolean) => void,
): Promise<Token> => {
  let stale = false;
  for (let attempt = 0; ; attempt++) {
    if (!navigator.onLine) {
      offline(true);
      await new Promise((done) => {
        addEventListener('online', done, { once: true, signal });
        signal.onabort = done;
      });
      if (!signal.aborted) offline(false);
    }
    if (signal.aborted) throw fail('network');
    const limit = new AbortController();
    const stop = (): void => limit.abort();
    const timer = setTimeout(stop, settings.timeout);
    signal.onabort = stop;
    try {
      const token = await request(settings, org, limit.signal);
      if (token.deadline > Date.now()) return token;
      // A cache on the way may have held it: ask once more.
      if (stale) throw fail('expired');
      stale = true;
    } catch (error) {
      const { retry, after } = error as Failure;
      if (signal.aborted || !retry || attempt >= settings.retries) throw error;
      await sleep(Math.max(after || 0, 0) + backoff(attempt), signal);
    } finally {
      clearTimeout(timer);
    }
  }
};
