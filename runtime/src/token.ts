import type { Settings } from './options.ts';

/** An operator token that may be used until `deadline_`, in milliseconds of this device's clock. */
export interface Token {
  jwt_: string;
  deadline_: number;
}

/** Why there is no widget. */
export interface Failure {
  code: string;
  /** Whether trying again may help. */
  retry_?: boolean;
  status?: number;
  /** Milliseconds that the server asked to wait. */
  after_?: number;
}

const LOOPBACK = /^((.+\.)?localhost|127\.[\d.]+|\[::1])$/;

/** Finds the token in whatever shape the endpoint answers with, checks it, and works out how long it lasts. */
const read = (value: any, date?: string | null): Token => {
  let expiresAt = NaN;
  // Each turn takes one wrapping off: JSON text around an object, around a string, around a string once more.
  for (let turns = 4; turns--; )
    try {
      if (Object(value) === value) {
        expiresAt = Date.parse(value.expiresAt);
        value = value.token;
      } else value = JSON.parse(value);
    } catch {
      // The token itself.
    }
  const jwt_ = String(value).replace(/[\s'"]/g, '');
  const now = Date.now();
  let claims: { iat?: any; exp?: any } = {};
  try {
    const [, payload] = /^[\w-]+\.([\w-]+)\.[\w-]+$/.exec(jwt_)!;
    claims = Object(JSON.parse(atob(payload!.replace(/-/g, '+').replace(/_/g, '/'))));
    if (jwt_[8192]) throw 0;
  } catch {
    if (jwt_ !== 'test-token-for-development' || !LOOPBACK.test(location.hostname)) throw { code: 'reply' };
  }
  const issued = claims.iat * 1e3;
  const expires = claims.exp * 1e3;
  // How far the server's clock is ahead of ours. Without a Date header the token's own times tell only when they
  // contradict our clock: a server may hand out a token that it minted hours ago.
  const ahead = Date.parse(date!) - now || (issued > now + 6e4 || expires <= now ? issued - now : 0) || 0;
  return { jwt_, deadline_: Math.min(expiresAt || 1 / 0, expires || 1 / 0, now + ahead + 864e5) - ahead };
};

/** Asks for a token, once; rejects with a `Failure`, or with anything at all when the options make no sense. */
export const askToken = async (
  { endpoint = '/api/chathub/token', getToken, credentials = 'same-origin', timeout = 1e4 }: Settings,
  org: string | undefined,
  limit: AbortController,
): Promise<Token> => {
  const { signal } = limit;
  const url = new URL(endpoint, document.baseURI);
  let date: string | null | undefined;
  if (url.origin !== location.origin && url.protocol !== 'https:') throw 0;
  if (org) url.searchParams.set('org', org);
  setTimeout(() => limit.abort(), timeout as number);
  const ask = async (): Promise<unknown> => {
    if (getToken) return getToken(org, signal);
    const reply = await fetch(url, { signal, credentials, cache: 'no-store', headers: { accept: 'application/json' } });
    if (!reply.ok) throw reply;
    date = reply.headers.get('date');
    return reply.text();
  };
  const reply = await Promise.race([ask(), new Promise((_, fail) => (signal.onabort = fail))]).catch((problem) => {
    // A response that is not ok, an error from `getToken`, or one without a status: network, time out.
    const { status, headers } = Object(problem) as Partial<Response>;
    const after = headers?.get('retry-after') as string;
    throw {
      code: status ? 'http' : 'network',
      retry_: !status || status > 499 || status === 408 || status === 429,
      status,
      after_: Math.max(0, +after * 1e3 || Date.parse(after) - Date.now() || 0),
    };
  });
  return read(reply, date);
};
