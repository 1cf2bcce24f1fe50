import type { Options } from './types.ts';

/** An operator token that may be used until `deadline_`, in milliseconds of this device's clock. */
export interface Token {
  jwt_: string;
  deadline_: number;
}

/** What was answered, where it takes more than a look to find a token in it, or to tell how long that lasts. */
export interface Odd {
  value_: any;
  reply_: Response | undefined;
}

/** Where the request goes: https, or this site's own server. */
export const locate = (address: string): URL => {
  // A framed document without an address of its own has its parent's.
  const here = location.host ? location : new URL(document.baseURI);
  const url = new URL(address, here + '');
  if (url.protocol !== 'https:' && url.origin !== here.origin) throw url;
  return url;
};

export const ENDPOINT = '/api/chathub/token';

/** The claims of a token; throws if it is none. */
export const claims = (jwt: string): any => JSON.parse(atob(jwt.match(/^[\w-]+\.([\w-]{4,8192})\.[\w-]+$/)![1]!.replace(/-/g, '+').replace(/_/g, '/')));

/**
 * Asks for a token, once. What endpoints answer when all is well is read here; whatever else they do is for the second file.
 * Rejects with the address when that is no good, with the response when it is not ok, with an `Odd` when it is not
 * plainly a token of the right time, or with whatever `fetch` or `getToken` reject with.
 */
export const askToken = async (
  { endpoint, getToken, credentials, timeout = 1e4 }: Options,
  org: string | undefined,
  limit: AbortController,
): Promise<Token> => {
  const { signal } = limit;
  let value_: any = '';
  let reply_: Response | undefined;
  setTimeout(() => limit.abort(), timeout as number);
  if (getToken) value_ = await getToken(org, signal);
  else {
    const url = locate(endpoint || ENDPOINT);
    if (org) url.searchParams.set('org', org);
    reply_ = await fetch(url, { signal, credentials, cache: 'no-store' });
    locate(reply_.url);
    if (!reply_.ok) throw reply_;
    const reader = reply_.body!.getReader();
    // No more than it takes: whatever is longer is no token. Letters beyond ASCII may come in two pieces: there are none in one.
    for (let part; !value_[65536] && (part = (await reader.read()).value); ) value_ += new TextDecoder().decode(part);
  }
  try {
    value_ = JSON.parse(value_);
  } catch {
    // An object from `getToken`, or the token itself.
  }
  try {
    const now = Date.now();
    const { token: jwt_ = value_, expiresAt } = value_;
    const { iat, exp } = claims(jwt_);
    const deadline_ = Math.min(exp * 1e3, now + 864e5, expiresAt ? Date.parse((/T.+[Z+-]/.test(expiresAt) && expiresAt) as string) : 1 / 0);
    // Ours and the server's clock agree, as far as that can be seen.
    if (deadline_ > now && !(iat * 1e3 > now + 6e4 || Math.abs(Date.parse(reply_?.headers.get('date')!) - now) > 6e4))
      return { deadline_, jwt_ };
  } catch {
    // No token, at first sight.
  }
  throw { reply_, value_ } as Odd;
};
