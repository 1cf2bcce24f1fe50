import type { Options } from './types.ts';

/** An operator token that may be used until `deadline_`, in milliseconds of this device's clock. */
export interface Token {
  jwt_: string;
  deadline_: number;
}

/**
 * Asks for a token, once, in whatever shape the endpoint answers; checks it, and works out how long it lasts.
 * Rejects with a word when the reply or the options are no good, with the response when it is not ok, or with
 * whatever `fetch` or `getToken` reject with.
 */
export const askToken = async (
  { endpoint, getToken, credentials, timeout = 1e4 }: Options,
  org: string | undefined,
  limit: AbortController,
): Promise<Token> => {
  const url = new URL(endpoint!, location as any);
  let value: any;
  let date: any;
  let expiresAt: any;
  let issued: any;
  let expires: any;

  setTimeout(() => limit.abort(), timeout as number);
  if (getToken) value = await getToken(org, limit.signal);
  else {
    if (url.origin !== location.origin && url.protocol !== 'https:') throw 'config';
    if (org) url.searchParams.set('org', org);
    const reply = await fetch(url, { signal: limit.signal, credentials, cache: 'no-store' });
    if (!reply.ok) throw reply;
    date = reply.headers.get('date');
    value = await reply.text();
  }

  // Each turn takes one wrapping off: JSON text around an object, around a string, around a string once more.
  for (let turns = 4; turns--; )
    try {
      if (value.token) ({ expiresAt, token: value } = value);
      else value = JSON.parse(value);
    } catch {
      // The token itself.
    }
  const jwt_ = (value + '').trim();
  try {
    ({ iat: issued, exp: expires } = JSON.parse(
      atob(jwt_.match(/^[\w-]+\.([\w-]+)\.[\w-]+$/)![1]!.replace(/-/g, '+').replace(/_/g, '/')),
    ));
    if (jwt_[8192]) throw 0;
  } catch {
    // Over plain http, only a loopback page is a secure context.
    if (jwt_ !== 'test-token-for-development' || location.protocol + isSecureContext !== 'http:true') throw 'reply';
  }

  const now = Date.now();
  issued *= 1e3;
  expires *= 1e3;
  // How far the server's clock is ahead of ours. Without a Date header the token's own times tell only when they
  // contradict our clock: a server may hand out a token that it minted hours ago.
  const ahead = Date.parse(date) - now || (issued > now || expires <= now ? issued - now : 0) || 0;
  const deadline_ = Math.min(Date.parse(expiresAt) || 1 / 0, expires || 1 / 0, now + ahead + 864e5) - ahead;
  if (deadline_ <= now) throw 'expired';
  return { jwt_, deadline_ };
};
