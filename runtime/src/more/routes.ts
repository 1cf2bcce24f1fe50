import { core, init } from '../core.ts';

/** What the loader tags of pages say, where they differ from page to page; nothing for pages without a chat. */
type Attributes = Record<string, string | null> | null;

/** What `inject` assigned to the site's pages, as far as that differs. */
interface Routes {
  options: Attributes[];
  /** By path without index and extension, or by folder with `*`: which of them. */
  routes: Record<string, number>;
}

let routes: Promise<Routes> | undefined;

/** Brings the chat to what pages at the current path have, if that is known, and the loader tag says that there is something to know. */
export const route = async (): Promise<void> => {
  const { options_: options } = core as any;
  // What the tag has said, before what was found for another path.
  const { routed: base = options } = options;
  if (!('routes' in base)) return;
  routes ||= fetch(new URL('routes.json', import.meta.url), { cache: 'no-cache' }).then((reply) => reply.json());
  const table = await routes.catch((problem) => {
    routes = undefined;
    throw problem;
  });
  const found = routeOf(table, location.pathname);
  // It may have been ended meanwhile.
  if (found && !core.closed_) init({ ...base, ...found, routed: base });
  if (found === null) core.stop_();
};

export const routeOf = ({ options, routes }: Routes, address: string): Attributes | undefined => {
  const path = decodeURI(address).replace(/(\/)index(\.x?html?)?$|\.x?html?$/i, '$1');
  let found = routes[path] ?? routes[path.endsWith('/') ? path.slice(0, -1) : path + '/'];
  for (let folder = path.replace(/\/?$/, '/'); folder && found === undefined; folder = folder.replace(/[^/]*\/$/, '')) found = routes[folder + '*'];
  return options[found!];
};
