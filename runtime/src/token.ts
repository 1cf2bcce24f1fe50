import { more } from './more.ts';
import type { Options } from './types.ts';

/** An operator token that may be used until `deadline_`, in milliseconds of this device's clock. */
export interface Token {
  jwt_: string;
  deadline_: number;
}

/** A point in time: seconds or milliseconds, or a date, which is in UTC unless it says otherwise. */
const time = (value: any): number =>
  value > 0 ? value * (value < 1e11 ? 1e3 : 1) : Date.parse(/\d[T ][\d:.]+$/.test(value) ? value.replace(' ', 'T') + 'Z' : value);

/** The server's time by a response's headers. A cache on the way says how old they are. */
export const clock = ({ headers }: Response): number => Date.parse(headers.get('date')!) + (headers.get('age') as any) * 1e3;

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
  const { signal } = limit;
  const now = Date.now();
  let value: any = '';
  let server: number | undefined;
  let expiresAt: any;
  let issued: any;
  let expires: any;

  setTimeout(() => limit.abort(), timeout as number);
  if (getToken) value = await getToken(org, signal);
  else {
    let request: Request;
    // A framed document without an address of its own has its parent's.
    const here = new URL(location.host ? location.href : document.baseURI);
    const check = (address: string): URL => {
      const url = new URL(address, here);
      if (url.origin !== here.origin && url.protocol !== 'https:') throw 'config';
      return url;
    };
    try {
      const url = check(endpoint!);
      if (org) url.searchParams.set('org', org);
      request = new Request(url, { signal, credentials, cache: 'no-store' });
    } catch {
      throw 'config';
    }
    const reply = await fetch(request);
    check(reply.url);
    if (!reply.ok) throw reply;
    server = clock(reply);
    const reader = reply.body!.getReader();
    // Letters beyond ASCII may come in two pieces: there are none in a token.
    for (let part; (part = (await reader.read()).value); )
      if ((value += new TextDecoder().decode(part))[65536]) {
        limit.abort();
        throw 'reply';
      }
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

  issued *= 1e3;
  expires *= 1e3;
  // Whether a token that looks wrong is, or our clock, only a server can tell.
  if (!server && (issued > now || expires <= now)) server = await more('askTime', issued);
  // How far the server's clock is ahead of ours.
  const ahead = server! - now || 0;
  const deadline_ = Math.min(time(expiresAt) || 1 / 0, expires || 1 / 0, now + ahead + 864e5) - ahead;
  if (deadline_ <= now) throw 'expired';
  return { jwt_, deadline_ };
};
