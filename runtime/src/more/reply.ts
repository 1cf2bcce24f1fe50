import { claims, type Odd, type Token } from '../token.ts';

/** A point in time: seconds or milliseconds, or a date, which is in UTC unless it says otherwise. */
const time = (value: any): number =>
  value > 0 ? value * (value < 1e11 ? 1e3 : 1) : Date.parse(/\d[T ][\d:.]+$/.test(value) ? value.replace(' ', 'T') + 'Z' : value);

/** The server's time by a response's headers. A cache on the way says how old they are. */
const clock = ({ headers }: Response): number => Date.parse(headers.get('date')!) + (headers.get('age') as any) * 1e3;

/**
 * The time by a server's clock, where the endpoint does not tell it, and a token contradicts ours: by that of the server the
 * runtime came from, or else by a token from the future.
 */
const askTime = async (issued: number): Promise<number> => {
  const reply = await fetch(import.meta.url, { method: 'HEAD', cache: 'no-store' }).catch(() => new Response());
  return clock(reply) || (issued > Date.now() ? issued : 0);
};

/** The token in a reply, in whatever shape it came, and how long it lasts. Rejects with a word when there is none. */
export const read = async ({ value_: value, reply_: reply }: Odd, limit: AbortController): Promise<Token> => {
  // There is more to come, that nobody wants.
  if (value?.[65536]) limit.abort();
  const now = Date.now();
  let expiresAt: any;
  let issued: any;
  let expires: any;
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
    ({ iat: issued, exp: expires } = claims(jwt_));
  } catch {
    // Over plain http, only a loopback page is a secure context.
    if (jwt_ !== 'test-token-for-development' || location.protocol + isSecureContext !== 'http:true') throw 'reply';
  }
  issued *= 1e3;
  expires *= 1e3;
  let server = reply && clock(reply);
  // Whether a token that looks wrong is, or our clock, only a server can tell.
  if (!server && (issued > now || expires <= now)) server = await askTime(issued);
  // How far the server's clock is ahead of ours.
  const ahead = server! - now || 0;
  const deadline_ = Math.min(time(expiresAt) || 1 / 0, expires || 1 / 0, now + ahead + 864e5) - ahead;
  if (deadline_ <= now) throw 'expired';
  return { jwt_, deadline_ };
};
